"""Numbers inside messages, in the digits of whoever reads them."""

from django.utils.functional import lazy
from django.utils.translation import get_language

_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def _numeral(value: int) -> str:
    text = str(value)
    return text.translate(_PERSIAN) if get_language() == "fa" else text


# Lazy, like the messages that it stands in: the language is known only when somebody reads them.
numeral = lazy(_numeral, str)
