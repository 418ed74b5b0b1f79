"""Django's entry to this app."""

from django.apps import AppConfig


class SigningApp(AppConfig):
    """App `signing`, label `signing`."""

    name = "signing"
    label = "signing"
