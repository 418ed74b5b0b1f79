"""The embedded server: pages, sockets and background work in one process on one data folder."""
