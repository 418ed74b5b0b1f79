"""Every check speaks to people, in both languages."""

import re
from pathlib import Path

from django.utils import translation

import signing.verify
from signing.verify.messages import ROLES, SIGNATURE_TEXTS, TEXTS, describe

_LITERAL = re.compile(r'\.(?:failed|passed|noted|left_open|require)\(\s*(?:[^"()]*,\s*)?f?"([^"]+)"')


def test_every_code_in_the_sources_has_a_text() -> None:
    sources = Path(signing.verify.__file__).parent.glob("*.py")
    used = {code for source in sources for code in _LITERAL.findall(source.read_text(encoding="utf-8"))}
    assert len(used) > 80
    for code in used:
        role, _, rest = code.partition(".")
        known = rest in SIGNATURE_TEXTS if role in {"{role}", *ROLES} else code in TEXTS
        assert known, code


def test_every_text_is_translated() -> None:
    codes = [f"{role}.{rest}" for role in ROLES for rest in SIGNATURE_TEXTS] + list(TEXTS)
    for code in codes:
        for failed in (True, False):
            with translation.override("fa"):
                persian = describe(code, failed=failed)
            with translation.override("en"):
                assert describe(code, failed=failed) != persian, code
            assert re.search(r"[\u0600-\u06ff]", persian), code
