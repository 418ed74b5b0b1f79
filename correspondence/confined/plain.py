"""Text files as people send them, which say nothing about their encoding. Runs in the server too."""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def plain_text(data: bytes) -> str:
    """Text in UTF-8, in UTF-16 with or without its mark, or in Windows-1256.

    Raises ValueError where it is none of these, for example for a file that is not text.
    """
    try:
        text = data.decode(_utf16(data) or "utf-8-sig")
        strange = "\x00" in text
    except UnicodeDecodeError:
        # Any bytes are Windows-1256, so only what looks like text is taken for it.
        text = data.decode("cp1256")
        strange = _CONTROLS.search(text) is not None
    if strange:
        raise ValueError("not a text")
    return text


def _utf16(data: bytes) -> str | None:
    """UTF-16 shows in its mark, or in the zero bytes of digits, separators and line ends, all on one side."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    head = data[:4096]
    first, second = head[0::2].count(0), head[1::2].count(0)
    if not first + second or min(first, second) > max(first, second) // 8:
        return None
    return "utf-16-le" if second > first else "utf-16-be"
