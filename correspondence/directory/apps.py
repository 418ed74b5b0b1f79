"""Django's entry to this app."""

from django.apps import AppConfig


class DirectoryApp(AppConfig):
    """App `correspondence.directory`, label `directory`."""

    name = "correspondence.directory"
    label = "directory"
