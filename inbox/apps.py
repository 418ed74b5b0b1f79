"""Django's entry to this app."""

from django.apps import AppConfig


class InboxApp(AppConfig):
    """App `inbox`, label `inbox`."""

    name = "inbox"
    label = "inbox"
