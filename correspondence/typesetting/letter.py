"""From the bytes of a letter to the bytes of its PDF."""

import io
import json

import segno
from django.conf import settings

from correspondence.typesetting.errors import RenderFailed
from correspondence.typesetting.renderer import RENDERER
from correspondence.typesetting.sheet import Json, printed_at, sheet
from correspondence.typesetting.template import NAME


def render_letter(letter: bytes, dispatch: bytes | None) -> bytes:
    """The letter as tagged PDF/A-3b with letter.json and dispatch.json embedded; deterministic, in Persian.

    Without `dispatch` it is a preview: no number, no code, no seal, marked as void on every page. Blocks for the time
    of the letters before it and its own (10 to 20 ms for a page). Raises RenderFailed.
    """
    content, sent = _parsed(letter), _parsed(dispatch) if dispatch else None
    address = settings.PUBLIC_URL.rstrip("/") + "/verify"
    try:
        if content["template"]["name"] != NAME:
            raise RenderFailed(f"there is no template {content['template']['name']!r}")
        inputs = {
            "sheet": json.dumps(sheet(content, sent, address.partition("://")[2]), ensure_ascii=False),
            "letter": letter.decode(),
            "dispatch": dispatch.decode() if dispatch else "",
            "qr": _qr(content, sent, address),
        }
        return RENDERER.render(inputs, printed_at(content, sent))
    except (KeyError, TypeError, ValueError) as error:
        raise RenderFailed(f"letter.json or dispatch.json lacks or misstates {error!r}") from error


def _parsed(content: bytes) -> Json:
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise RenderFailed(f"not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise RenderFailed("not a JSON object")
    return parsed


def _qr(letter: Json, dispatch: Json | None, address: str) -> str:
    """The address of the check as SVG; none on a classified letter, whose addressee a public page must not tell."""
    if dispatch is None or letter["classification"] != "unclassified":
        return ""
    drawing = io.BytesIO()
    code = segno.make(f"{address}/{dispatch['verification_code']}", error="m", micro=False)
    code.save(drawing, kind="svg", border=0, dark="#13282B", xmldecl=False, svgclass=None, lineclass=None)
    return drawing.getvalue().decode()
