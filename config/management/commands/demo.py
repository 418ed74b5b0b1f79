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
        """People in one transaction; each letter in those of its services."""
        if Agency.objects.exists():
            return
        logging.getLogger("karpusheh.sms").setLevel(logging.ERROR)
        try:
            with transaction.atomic():
                staff = load_people(timezone.now())
            load_letters(staff, timezone.now())
        finally:
            logging.getLogger("karpusheh.sms").setLevel(logging.NOTSET)
