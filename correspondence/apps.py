"""Django's entry to this app."""

from django.apps import AppConfig


class CorrespondenceApp(AppConfig):
    """App `correspondence`, label `correspondence`."""

    name = "correspondence"
    label = "correspondence"

    def ready(self) -> None:
        """Subscribe the handlers, in the server and in every worker alike."""
        from correspondence import handlers  # noqa: F401
