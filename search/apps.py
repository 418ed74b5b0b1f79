"""Django's entry to this app."""

from django.apps import AppConfig


class SearchApp(AppConfig):
    """App `search`, label `search`."""

    name = "search"
    label = "search"
