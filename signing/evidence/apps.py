"""Django's entry to this app."""

from django.apps import AppConfig


class EvidenceApp(AppConfig):
    """App `signing.evidence`, label `evidence`."""

    name = "signing.evidence"
    label = "evidence"
