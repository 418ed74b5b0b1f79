"""What pages say: digits and dates in the reader's language, one word for each state, nothing that breaks the CSP."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from config import icons, states
from config.templatetags import karpusheh as tags

CONFIG = Path(__file__).parents[2] / "config"
FIRST_OF_AZAR = datetime(2026, 11, 22, 7, 12, 7, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.fixture(autouse=True)
def persian() -> object:
    with translation.override("fa"):
        yield


def test_digits_follow_the_language() -> None:
    assert tags.fa("123") == "۱۲۳"
    with translation.override("en"):
        assert tags.fa("123") == "123"


@pytest.mark.parametrize(
    ("value", "persian_text", "english_text"),
    [
        (12480, "۱۲٬۴۸۰", "12,480"),
        ("96400000", "۹۶٬۴۰۰٬۰۰۰", "96,400,000"),
        (Decimal("4.2"), "۴٫۲", "4.2"),
        (-5, "-۵", "-5"),
        (0, "۰", "0"),
        ("", "", ""),
        (None, "", ""),
        ("چند", "چند", "چند"),
    ],
)
def test_numbers_are_grouped(value: object, persian_text: str, english_text: str) -> None:
    assert tags.number(value) == persian_text
    with translation.override("en"):
        assert tags.number(value) == english_text


@pytest.mark.parametrize(
    ("size", "text"),
    [(214_000, "214 kB"), (4_200_000, "4.2 MB"), (50_000_000, "50 MB"), (999_900, "1.0 MB"), (7, "7 bytes")],
)
def test_sizes(size: int, text: str) -> None:
    with translation.override("en"):
        assert tags.size(size) == text


def test_a_day_in_both_languages() -> None:
    assert tags.jalali(FIRST_OF_AZAR) == "یکشنبه ۱ آذر ۱۴۰۵"
    assert tags.jalali_numeric(FIRST_OF_AZAR) == '<bdi class="k-code" dir="ltr">۱۴۰۵/۰۹/۰۱</bdi>'
    with translation.override("en"):
        assert tags.jalali(FIRST_OF_AZAR) == "Sunday 22 November 2026 (1 Azar 1405)"


def test_the_short_day_leaves_out_this_year_only() -> None:
    assert tags.jalali_short(date(2020, 11, 21)) == "۱ آذر ۱۳۹۹"
    assert not re.search("۱۴", tags.jalali_short(timezone.now()))
    with translation.override("en"):
        assert tags.jalali_short(date(2020, 11, 21)) == "21 November 2020"


def test_time_is_that_of_tehran() -> None:
    assert tags.clock(FIRST_OF_AZAR) == "۱۰:۴۲"
    assert tags.clock(FIRST_OF_AZAR, "seconds") == "۱۰:۴۲:۰۷"


def test_days_left_in_words() -> None:
    now = timezone.now()
    with translation.override("en"):
        said = [tags.days_left(now + timedelta(days=days)) for days in (0, 1, -1, 31, -3)]
    assert said == ["today", "tomorrow", "yesterday", "in 31 days", "3 days ago"]


def test_nothing_said_of_no_time() -> None:
    assert [f(None) for f in (tags.jalali, tags.jalali_short, tags.clock, tags.recent, tags.days_left)] == [""] * 5
    assert render('{% when nothing "long" %}') == ""


def test_when_is_readable_by_machines() -> None:
    assert render('{% when at "seconds" %}', at=FIRST_OF_AZAR) == (
        '<time datetime="2026-11-22T07:12:07+00:00">۱۰:۴۲:۰۷</time>'
    )


def test_codes_are_isolated_and_latin_ones_stay_latin() -> None:
    assert tags.code("1405/102/4581") == '<bdi class="k-code" dir="ltr">۱۴۰۵/۱۰۲/۴۵۸۱</bdi>'
    assert ">K7QM4TXD9R2F<" in tags.code("K7QM4TXD9R2F")
    assert ">K7QM 4TXD 9R2F<" in tags.code_groups("K7QM4TXD9R2F")
    assert "&lt;b&gt;" in tags.code("<b>")
    assert "999•••0576" not in tags.masked("9993180576")
    assert "۹۹۹•••۰۵۷۶" in tags.masked("9993180576")


def test_names_of_files_cannot_become_markup() -> None:
    assert tags.isolated("<img>.pdf") == "<bdi>&lt;img&gt;.pdf</bdi>"


def test_an_icon_is_silent_or_speaks() -> None:
    assert 'aria-hidden="true"' in tags.icon("inbox")
    assert 'role="img" aria-label="a &quot;b&quot;"' in tags.icon("inbox", 'a "b"')
    with pytest.raises(TemplateSyntaxError, match="no icon"):
        tags.icon("unicorn")


def test_the_sprite_holds_every_icon_and_no_other() -> None:
    sprite = (CONFIG / "static/karpusheh/images/icons.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'<symbol id="([^"]+)"', sprite)) == icons.ICONS | icons.OWN_ICONS


def test_states_emblems_and_templates_use_known_icons() -> None:
    used = {look.icon for look in states.LOOKS.values()} | {icon for icon, _ in states.EMBLEMS.values()}
    for page in CONFIG.rglob("*.html"):
        used |= set(re.findall(r'{% icon "([^"]+)"', page.read_text(encoding="utf-8")))
    assert used <= icons.ICONS | icons.OWN_ICONS


def test_each_state_has_its_own_word() -> None:
    with translation.override("en"):
        words = [str(look.label) for look in states.STATES.values()]
    assert len(words) == len(set(words))


def test_a_state_shows_word_icon_and_colour() -> None:
    with translation.override("en"):
        shown = render('{% state "served" %}')
    assert "is-ok" in shown and "#patch-check-fill" in shown and "Served" in shown and "is-bare" not in shown
    assert "is-bare" in render('{% state "served" bare=True %}')
    assert render('{% state "normal" %}').strip() == ""


def test_an_unknown_sector_still_has_an_emblem() -> None:
    assert "#building" in render('{% emblem "unheard-of" %}')


@pytest.mark.parametrize(
    ("past", "left", "tone", "knob"), [(6, 14, "plain", 70), (19, 1, "signal", 5), (30, -2, "signal", 0)]
)
def test_the_deadline_line_runs_from_the_right(past: int, left: int, tone: str, knob: int) -> None:
    now = timezone.now()
    line = tags.deadline_line(now - timedelta(days=past), now + timedelta(days=left))
    assert (line["tone"], line["knob"]) == (tone, knob)
    with translation.override("en"):
        assert tags.deadline_line(now - timedelta(days=past), now + timedelta(days=left))["knob"] == 100 - knob


def test_ticks_are_told_to_those_who_do_not_see_them() -> None:
    with translation.override("en"):
        shown = render('{% ticks accepted="done" in_inbox="done" announced="failed" %}')
    assert shown.count("<li") == 5
    assert "Announced: failed" in shown and "Served: not yet" in shown


class OneField(forms.Form):
    code = forms.CharField(help_text="six digits")
    kind = forms.ChoiceField(choices=[("a", "A")], required=False, widget=forms.RadioSelect)


def test_a_field_names_its_hint_and_its_error() -> None:
    form = OneField({"code": ""})
    shown = render("{% field form.code cells=6 %}", form=form)
    assert 'data-cells="6"' in shown and 'autocomplete="one-time-code"' in shown and "is-invalid" in shown
    described = re.search(r'aria-describedby="([^"]+)"', shown)
    assert described is not None
    assert all(f'id="{name}"' in shown for name in described[1].split())
    assert "<fieldset" in render("{% field form.kind %}", form=form)


def test_the_navigation_knows_where_it_is() -> None:
    request = RequestFactory().get("/search/")
    context = {"request": request, "nav_counts": {"search": 1200}}
    shown = render('{% nav_link "search" "search" "Search" key="KeyF" %}', **context)
    assert 'aria-current="page"' in shown and "۹۹+" in shown and 'data-key="KeyF"' in shown
    assert "aria-current" not in render('{% nav_link "desk" "pen" "Sign" view="to_sign" %}', **context)


def test_a_page_keeps_its_filters() -> None:
    request = RequestFactory().get("/search/", {"q": "پلاک", "page": "2"})
    assert render("{% page_url 3 %}", request=request) == "?q=%D9%BE%D9%84%D8%A7%DA%A9&amp;page=3"


def test_rights_of_nobody() -> None:
    clerk = SimpleNamespace(roles=(SimpleNamespace(right="clerk"),))
    assert tags.holds(clerk, "clerk") is True
    assert tags.holds(clerk, "administrator") is False
    assert tags.holds(None, "clerk") is False


def test_no_template_needs_more_than_the_strict_policy() -> None:
    root = CONFIG.parent
    pages = [page for app in ("config", "correspondence", "inbox", "search") for page in (root / app).rglob("*.html")]
    assert pages
    inline = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|hx-on|javascript:|\bjs:")
    assert [(page.name, found[0]) for page in pages if (found := inline.search(page.read_text(encoding="utf-8")))] == []
