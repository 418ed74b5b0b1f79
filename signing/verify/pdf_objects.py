"""Reading pyHanko's PDF dictionaries: `[]` follows references, but `get` is plain dict's and hands them out."""

from typing import Any


def look_up(entry: Any, key: str, default: Any = None) -> Any:
    """The value behind `key`, references followed, or `default`."""
    return entry[key] if key in entry else default  # noqa: SIM401 -- see above
