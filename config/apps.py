"""Django's entry to this app."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """App `config`, label `config`."""

    name = "config"
    label = "config"
