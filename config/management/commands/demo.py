"""`manage.py demo`: load the demonstration data into an empty system."""

import logging
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from config.demo.letters import load_letters
from config.demo.people import load_people
from correspondence.directory.models import Agency


class Command(BaseCommand):
    """Loads agencies, people and first letters once; does nothing where there are agencies already."""

    help = "Load the demonstration data: fictional agencies, people and letters."

    def handle(self, *args: Any, **options: Any) -> None:
        """All of it in one transaction, or nothing: cut off half-way, it begins anew the next time.

        The letters' own transactions become part of it, which only works because no signing service is far away here.
        """
        codes = logging.getLogger("karpusheh.sms")
        level = codes.level
        codes.setLevel(logging.ERROR)
        try:
            with transaction.atomic():
                if not Agency.objects.exists():
                    load_letters(load_people(timezone.now()), timezone.now())
        finally:
            codes.setLevel(level)
