"""Django's entry to this app."""

from django.apps import AppConfig


class SearchApp(AppConfig):
    """App `search`, label `search`."""

    name = "search"
    label = "search"

    def ready(self) -> None:
        """Subscribe the handlers, in the server and in every worker alike."""
        from search import handlers  # noqa: F401
