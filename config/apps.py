"""Django's entry to this app."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """App `config`, label `config`."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        """Add our system checks to Django's."""
        from config import checks

        checks.install()
