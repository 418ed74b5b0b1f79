"""Single lines that people type: subjects, names, titles, reasons."""

from django.utils.translation import gettext_lazy as _

from correspondence.errors import LetterIncomplete
from correspondence.markdown import BodyRefused, check_characters


def check_line(text: str, *, field: str, limit: int) -> str:
    """`text` on one line without needless white space.

    Raises LetterIncomplete with `field` for characters that hide or reorder text, and for more than `limit` characters.
    """
    line = " ".join(text.split())
    try:
        check_characters(line)
    except BodyRefused as error:
        raise LetterIncomplete(error.code, error.message, field=field) from error
    if len(line) > limit:
        raise LetterIncomplete(
            "line_too_long",
            _("This is longer than %(limit)s characters. Shorten it; nothing you typed is lost.") % {"limit": limit},
            field=field,
        )
    return line
