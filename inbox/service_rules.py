"""The legal effect of opening a notice, by its kind: data with version and citation, read by people before they open.

An engineer's reading of the sources; a lawyer must read every sentence before it has effect.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from correspondence.jalali import tehran_date

RULES_VERSION = "1405-09"


@dataclass(frozen=True)
class Effect:
    """What opening means for one class of notices: `is_service` where it has a legal effect of its own.

    Words between * in `sentence` are the ones that matter. `lapse_days`: within so many days after arrival the
    addressee may open it; the day after them is service by law.
    """

    code: str
    is_service: bool
    sentence: str | Promise
    if_open: str | Promise
    if_not: str | Promise
    basis: str | Promise
    lapse_days: int = 0

    def last_day(self, arrived_at: datetime) -> date | None:
        """The last day on which opening is the act of service; None where the law sets no such day."""
        return tehran_date(arrived_at) + timedelta(days=self.lapse_days) if self.lapse_days else None

    def lapse_day(self, arrived_at: datetime) -> date | None:
        """The day from which the law counts the notice as served unopened; on a holiday, the next working day is meant."""
        last = self.last_day(arrived_at)
        return last + timedelta(days=1) if last else None


ORDINARY = Effect(
    "ordinary",
    is_service=False,
    sentence=_("Opening this letter has no legal effect of its own. The sender learns that you have read it."),
    if_open="",
    if_not="",
    basis="",
)
ARRIVAL_IS_SERVICE = Effect(
    "arrival_is_service",
    is_service=True,
    sentence=_(
        "This notice was *served* on you when it arrived here. Opening it has all the effects of actual service."
    ),
    if_open=_("The time of opening is recorded, and you know what runs and until when."),
    if_not=_("The law counts it as served since its arrival, and the time limits run without your knowing them."),
    basis=_("Regulation on electronic judicial service of 1395/05/24, art. 13"),
)
VIEW_ELSE_LAPSE = Effect(
    "view_else_lapse",
    is_service=True,
    sentence=_("By opening this notice it is *actually served* on you at that moment, and the time limit begins."),
    if_open=_("Today is the day of service; the time limit to object (30 days) is counted from it."),
    if_not=_("On the 21st day after its arrival the law counts it as served, and the time limit begins without you."),
    basis=_("Instruction 200/1401/531 of the Tax Affairs Organisation, as amended; Direct Taxation Act art. 238"),
    lapse_days=20,
)

_EFFECTS = {
    "court_summons": ARRIVAL_IS_SERVICE,
    "court_judgment": ARRIVAL_IS_SERVICE,
    "tax_assessment": VIEW_ELSE_LAPSE,
}


def effect_of(notice_kind: str, role: str = "to") -> Effect:
    """The effect in force for a kind of notice; ordinary letters have none, and a copy (`role` cc) serves nobody."""
    return _EFFECTS.get(notice_kind, ORDINARY) if role == "to" else ORDINARY
