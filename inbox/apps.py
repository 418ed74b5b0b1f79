"""Django's entry to this app."""

from django.apps import AppConfig


class InboxApp(AppConfig):
    """App `inbox`, label `inbox`."""

    name = "inbox"
    label = "inbox"

    def ready(self) -> None:
        """Subscribe the handlers, in the server and in every worker alike."""
        from inbox import handlers  # noqa: F401
