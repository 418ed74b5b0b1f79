"""`manage.py compile_messages`: the catalogues of all apps, without GNU gettext."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.catalogs import InvalidCatalog, compile_catalogs


class Command(BaseCommand):
    """Writes each `.mo` that is older than its `.po` and names it."""

    help = "Compile the translations of all apps (.po to .mo) where the source is newer."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with file and line for a catalogue that cannot be read."""
        try:
            written = compile_catalogs(settings.BASE_DIR)
        except InvalidCatalog as error:
            raise CommandError(str(error)) from error
        for path in written:
            self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
