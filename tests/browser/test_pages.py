"""Every page, in both languages: quiet, in bounds at each width, one heading, its own words only, nothing that axe reports."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page

from config.catalogs import PLURAL_END, catalogs, read_po
from tests.browser.conftest import ROOT
from tests.browser.desk import LAPTOP, PHONE, Desk
from tests.browser.pages import ACTS, FILES, PAGES, Example
from tests.browser.world import World

pytestmark = pytest.mark.browser

PROBE = (ROOT / "tests" / "browser" / "probe.js").read_text(encoding="utf-8")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_RUN = """() => axe.run(document, {resultTypes: ["violations"], preload: false}).then(found => found.violations.map(
  one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.target.join(" ") + " | " + (node.failureSummary || "")
    .split("\\n").slice(1, 2)).join("; ")))"""
WIDTHS = (390, 360, 768, 1280)
_BLANK = re.compile(r"%\\\(\w+\\\)[sd]|%[sd]|\\\{\w*\\\}|%")
# Three runs of axe per page, a second each: direction and colours do not depend on each other.
LOOKS = {"fa": [("phone", PHONE, "light"), ("desk", LAPTOP, "dark")], "en": [("desk", LAPTOP, "light")]}
# Its samples are Persian in both languages.
SAMPLES = "components"
DIRECTIONS = {"fa": "rtl", "en": "ltr"}
# Names of formats, keys and algorithms are the same in Persian.
SAME_IN_PERSIAN = re.compile(
    r"\b(PDF|DOCX?|XLSX|CSV|TXT|PNG|JPEG|TIFF|Word|English|SHA-256|Ctrl|Enter|Esc|[A-Z])\b"
    r"|\b[\w-]+\.(pdf|docx|xlsx|csv|txt|png|asice)\b|/development/codes/|K7QM 4TXD 9R2F"
)


def _routes(resolver: URLResolver) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield str(entry.name)
        elif isinstance(entry, URLResolver):
            yield from _routes(entry)


def test_every_address_has_an_example() -> None:
    assert set(_routes(get_resolver())) == {example.route for example in PAGES + FILES} | ACTS


@pytest.mark.parametrize("example", FILES, ids=str)
def test_files_are_served(example: Example, world: World) -> None:
    role = example.role if example.role != "anonymous" else "waiting"
    assert world.browser(role).get(example.path(world)).content


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("example", PAGES, ids=str)
def test_page(example: Example, language: str, desk: Desk) -> None:
    page, noise = desk.listening(example.role, language)
    _open(page, example, desk.world)
    seen = _at_all_widths(page, language, is_sample=example.route == SAMPLES)
    complaints = _axe(page, language)
    # Chromium's own line about an answer that this example is meant to get.
    heard = [words for words in noise if not (example.status != 200 and f"status of {example.status}" in words)]
    assert not heard, "\n".join(heard)
    assert not seen, "\n".join(seen)
    assert not complaints, "\n".join(complaints)


def _open(page: Page, example: Example, world: World) -> None:
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    answer = page.goto(example.path(world))
    assert answer is not None
    assert answer.status == example.status


def _at_all_widths(page: Page, language: str, *, is_sample: bool) -> list[str]:
    """What is wrong with the page at each width in turn."""
    wrong: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        seen = page.evaluate(PROBE, language)
        mistakes = [*_mistakes(seen, language), *([] if is_sample else _strangers(seen, language))]
        wrong += [f"{width}: {words}" for words in mistakes]
    return wrong


def _mistakes(seen: dict[str, Any], language: str) -> Iterator[str]:
    if (seen["lang"], seen["dir"]) != (language, DIRECTIONS[language]):
        yield f"the page calls itself {seen['lang']}, {seen['dir']}"
    if seen["headings"] != 1:
        yield f"{seen['headings']} first headings"
    if seen["overflow"] > 0:
        yield f"{seen['overflow']} px wider than the window"
    yield from (f"leaves its box: {words}" for words in seen["spilt"])


def _strangers(seen: dict[str, Any], language: str) -> Iterator[str]:
    foreign = _english if language == "fa" else _own_persian
    yield from (
        f"in the wrong language: {entry['text']!r} ({entry['where']})"
        for entry in seen["strange"]
        if foreign(entry["text"])
    )


def _english(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2,}", SAME_IN_PERSIAN.sub("", text)))


def _own_persian(text: str) -> bool:
    """Whether an English page says in Persian what is no letter's text or name, but ours: it stands in a catalogue."""
    return any(pattern.fullmatch(text) for pattern in _translations())


@cache
def _translations() -> list[re.Pattern[str]]:
    texts = [text for path in catalogs(ROOT) for text in read_po(path.read_text(encoding="utf-8")).values()]
    forms = {
        form.strip() for text in texts for form in text.split(PLURAL_END) if re.search("[\u0600-\u06ff]{2,}", form)
    }
    return [re.compile(_BLANK.sub(".+", re.escape(" ".join(form.split())))) for form in forms]


def _axe(page: Page, language: str) -> list[str]:
    """What axe reports for the looks of a language."""
    # By the debugger, which the page's security policy does not hold back.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for name, size, scheme in LOOKS[language]:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        # As high as the page, or the bars that stick to the window's edge cover what lies under them.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        found += [f"{name}, {scheme}: {words}" for words in page.evaluate(AXE_RUN)]
    return found
