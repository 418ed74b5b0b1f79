"""Django's entry to this app."""

from django.apps import AppConfig


class CorrespondenceApp(AppConfig):
    """App `correspondence`, label `correspondence`."""

    name = "correspondence"
    label = "correspondence"
