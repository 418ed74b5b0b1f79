"""Filters and tags of every page: dates, numbers and codes in the reader's language, icons, state words, form fields.

Registered as builtins, so that no page loads them. Words of state and their looks are in `config.states`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms, template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from config.icons import ICONS, OWN_ICONS
from config.states import EMBLEMS, LOOKS
from correspondence.jalali import (
    MONTHS,
    MONTHS_EN,
    TEHRAN,
    format_date,
    persian_digits,
    tehran_date,
    to_jalali,
    weekday_name,
)

register = template.Library()


def _persian() -> bool:
    return (get_language() or "fa").startswith("fa")


@register.filter
def fa(value: object) -> str:
    """The text with Persian digits where the page is Persian, unchanged elsewhere."""
    return persian_digits(value) if _persian() else str(value)


@register.filter
def number(value: object) -> str:
    """A whole number, or one with a fraction, grouped by thousands: ۱۲٬۴۸۰ or 12,480. Texts of digits (rials) work too."""
    if value is None or value == "":
        return ""
    try:
        grouped = f"{Decimal(str(value)):,f}"
    except InvalidOperation:
        return fa(value)
    return persian_digits(grouped.replace(",", "٬").replace(".", "٫")) if _persian() else grouped


@register.filter
def capped(value: int, most: int = 100) -> str:
    """A count that was not taken further than `most`: ۹۹+ from there on."""
    return number(value) if value < most else fa(f"{most - 1}+")


@register.filter
def size(value: int) -> str:
    """Bytes as a person reads them: ۲۱۴ ک‌ب, ۴٫۲ م‌ب (1 kB is 1,000 bytes)."""
    if value < 1000:
        return _("%(count)s bytes") % {"count": number(value)}
    if value < 999_500:
        return _("%(count)s kB") % {"count": number(round(value / 1000))}
    megabytes = value / 1_000_000
    return _("%(count)s MB") % {"count": number(f"{megabytes:.1f}" if megabytes < 10 else round(megabytes))}


@register.filter
def code(value: object) -> SafeString:
    """A number of a letter, a code or an identifier, isolated left to right; digits become Persian if there is no Latin."""
    text = str(value)
    shown = text if any(char.isascii() and char.isalpha() for char in text) else fa(text)
    return format_html('<bdi class="k-code" dir="ltr">{}</bdi>', shown)


@register.filter
def code_groups(value: object) -> SafeString:
    """A verification code in groups of four Latin characters: K7QM 4TXD 9R2F."""
    text = str(value)
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return format_html('<bdi class="k-code k-latin" dir="ltr" lang="en">{}</bdi>', groups)


@register.filter
def masked(value: object) -> SafeString:
    """A national code of which only the first and last digits show."""
    text = str(value)
    return code(f"{text[:3]}•••{text[-4:]}" if len(text) > 8 else text)


@register.filter
def jalali(value: date | datetime | None) -> str:
    """The day in full: یکشنبه ۱ آذر ۱۴۰۵, in English Sunday 22 November 2026 (1 Azar 1405)."""
    if not value:
        return ""
    if _persian():
        return format_date(value)
    day, persian = tehran_date(value), to_jalali(value)
    return f"{day:%A} {day.day} {day:%B} {day.year} ({persian.day} {MONTHS_EN[persian.month - 1]} {persian.year})"


@register.filter
def jalali_short(value: date | datetime | None) -> str:
    """Day and month, and the year unless it is this one: ۱ آذر, ۱ آذر ۱۴۰۴; in English 22 November."""
    if not value:
        return ""
    day, today = tehran_date(value), tehran_date(timezone.now())
    if not _persian():
        return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B} {day.year}"
    persian = to_jalali(day)
    if persian.year == to_jalali(today).year:
        return persian_digits(f"{persian.day} {MONTHS[persian.month - 1]}")
    return format_date(day, "short")


@register.filter
def jalali_day(value: date | datetime | None) -> str:
    """Weekday, day and month, for deadlines near by: سه‌شنبه ۱ دی; in English Tuesday 22 December."""
    if not value:
        return ""
    weekday = weekday_name(value) if _persian() else f"{tehran_date(value):%A}"
    return f"{weekday} {jalali_short(value)}"


@register.filter
def jalali_numeric(value: date | datetime | None) -> SafeString:
    """The day as letters carry it: ۱۴۰۵/۰۹/۰۱, isolated; in English with Latin digits."""
    return code(to_jalali(value)) if value else SafeString("")


@register.filter
def clock(value: datetime | None, precision: str = "minutes") -> str:
    """The time in Tehran: ۱۰:۴۲, or with `clock:"seconds"` ۱۰:۴۲:۰۷."""
    if not value:
        return ""
    return fa(value.astimezone(TEHRAN).strftime("%H:%M:%S" if precision == "seconds" else "%H:%M"))


@register.filter
def jalali_time(value: datetime | None, precision: str = "minutes") -> str:
    """Day and time: یکشنبه ۱ آذر ۱۴۰۵، ساعت ۱۰:۴۲."""
    if not value:
        return ""
    return _("%(day)s, %(time)s") % {"day": jalali(value), "time": clock(value, precision)}


@register.filter
def recent(value: datetime | None) -> str:
    """The shortest true answer to when: the time today, the day and month otherwise."""
    if not value:
        return ""
    return clock(value) if tehran_date(value) == tehran_date(timezone.now()) else jalali_short(value)


@register.filter
def days_left(value: date | datetime | None) -> str:
    """How far a day is: today, tomorrow, in 31 days, 3 days ago. Show it after the date, never instead of it."""
    if not value:
        return ""
    days = (tehran_date(value) - tehran_date(timezone.now())).days
    if days in {0, 1, -1}:
        return {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}[days]
    if days > 0:
        return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": number(days)}
    return ngettext("%(count)s day ago", "%(count)s days ago", -days) % {"count": number(-days)}


@register.filter
def isolated(value: object) -> SafeString:
    """The name of a file or a foreign name, isolated so that its direction cannot disturb the sentence."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def holds(actor: Any, right: str) -> bool:
    """Whether the actor (`correspondence.directory.access.Actor`) has the right at any agency; nobody has none."""
    return any(role.right == right for role in getattr(actor, "roles", ()))


def _brief(value: datetime, precision: str = "minutes") -> str:
    time = clock(value, precision)
    if tehran_date(value) == tehran_date(timezone.now()):
        return time
    return _("%(day)s, %(time)s") % {"day": jalali_short(value), "time": time}


@register.simple_tag
def when(value: date | datetime | None, style: str = "long") -> SafeString:
    """A `<time>`: style long, day, short, numeric, recent, and of instants time, seconds, full, exact (to the second).

    Beside them brief and brief_exact: the time, with the day before it unless it is today.
    """
    if not value:
        return SafeString("")
    shown: Mapping[str, Any] = {
        "long": jalali,
        "day": jalali_day,
        "short": jalali_short,
        "numeric": jalali_numeric,
        "recent": recent,
        "time": clock,
        "seconds": lambda at: clock(at, "seconds"),
        "full": jalali_time,
        "brief": _brief,
        "brief_exact": lambda at: _brief(at, "seconds"),
        "exact": lambda at: jalali_time(at, "seconds"),
    }
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown[style](value))


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """A drawing from the sprite, silent beside a word; with `label` it speaks for itself. An unknown name is an error."""
    if name not in ICONS | OWN_ICONS:
        raise template.TemplateSyntaxError(f"there is no icon {name!r}; add it to config.icons")
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="k-icon {}" {} focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        spoken,
        static("karpusheh/images/icons.svg"),
        name,
    )


@register.inclusion_tag("components/state.html")
def state(key: str, bare: bool = False, note: str = "") -> dict[str, Any]:
    """The word of a state, an urgency, a class or a scan, with icon and colour; `bare` without a plate, for tables."""
    look = LOOKS.get(key)
    return {"look": look, "key": key, "bare": bare, "note": note}


@register.inclusion_tag("components/emblem.html")
def emblem(sector: str, extra: str = "") -> dict[str, Any]:
    """The star plate of an agency's sector (`config.states.EMBLEMS`); extra "is-small" or "is-large"."""
    drawing, tint = EMBLEMS.get(sector, EMBLEMS["ministry"])
    return {"icon_name": drawing, "tint": tint, "extra": extra}


@register.inclusion_tag("components/deadline_line.html")
def deadline_line(
    start: date | datetime, end: date | datetime, tone: str = "", *, thin: bool = False, first: str = "", last: str = ""
) -> dict[str, Any]:
    """The track from the first day to the last, a knob at today, both dates under it (`first`, `last`: words before them).

    The tone is signal by itself when a fifth of the time or less is left; pass "signal" where the line is the point.
    """
    first_day, last_day = tehran_date(start), tehran_date(end)
    today = tehran_date(timezone.now())
    whole = max((last_day - first_day).days, 1)
    part = min(max((today - first_day).days, 0), whole)
    done = round(100 * part / whole)
    return {
        "start": first_day,
        "end": last_day,
        "first": first,
        "last": last,
        "thin": thin,
        "tone": tone or ("signal" if whole - part <= whole / 5 else "plain"),
        "done": done,
        # SVG has no direction of its own: on a page that reads from the right, time runs from the right.
        "knob": 100 - done if _persian() else done,
        "track_start": 100 - done if _persian() else 0,
    }


@register.inclusion_tag("components/ticks.html")
def ticks(
    accepted: str = "", in_inbox: str = "", announced: str = "", opened: str = "", served: str = ""
) -> dict[str, Any]:
    """The five steps of a notice, each "done", "last" (reached as the legal end), "waiting", "failed" or empty."""
    names = [_("Accepted"), _("In inbox"), _("Announced"), _("Opened"), _("Served")]
    drawn = {"done": "check-lg", "last": "check2-all", "waiting": "three-dots", "failed": "x-lg", "": "dash"}
    spoken = {"done": _("done"), "last": _("done"), "waiting": _("waiting"), "failed": _("failed"), "": _("not yet")}
    steps = [accepted, in_inbox, announced, opened, served]
    return {
        "steps": [
            {"name": name, "state": step or "none", "icon": drawn[step], "spoken": spoken[step]}
            for name, step in zip(names, steps, strict=True)
        ]
    }


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField, extra: str = "", cells: int = 0) -> dict[str, Any]:
    """A form's field with label, hint, error and input; `cells=6` draws one code input as six cells."""
    widget = bound.field.widget
    tick = isinstance(widget, forms.CheckboxInput)
    many = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    kind = "form-check-input" if tick else "form-select" if isinstance(widget, forms.Select) else "form-control"
    kind = "" if many else kind
    classes = [kind, extra, widget.attrs.get("class", "")] + (["is-invalid"] if bound.errors else [])
    attrs: dict[str, str | bool] = {"class": " ".join(part for part in classes if part)}
    if isinstance(widget, forms.FileInput):
        attrs |= {"data-choose": _("Choose a file"), "data-none": _("no file yet")}
    if cells:
        attrs |= {"data-cells": str(cells), "autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"}
    return {"field": bound, "input": bound.as_widget(attrs=attrs), "tick": tick, "many": many}


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, name: str, icon_name: str, label: str, view: str = "", key: str = "") -> dict[str, Any]:
    """A link of the desk's navigation; it knows whether it is the current page and shows `nav_counts[view or name]`."""
    request = context.get("request")
    path = reverse(name)
    here = request is not None and request.path == path and request.GET.get("view", "") == view
    return {
        "href": f"{path}?view={view}" if view else path,
        "icon_name": icon_name,
        "label": label,
        "key": key,
        "current": here or context.get("section") == (view or name),
        "count": (context.get("nav_counts") or {}).get(view or name),
    }


@register.simple_tag(takes_context=True)
def page_url(context: Context, page: int) -> str:
    """The address of this list with another page number and the same filters."""
    query = context["request"].GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"
