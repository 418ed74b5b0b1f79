"""What the composer's page gathers: its three forms, the errors beside their sections, and the state of the draft."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from correspondence.directory.access import Actor
from correspondence.directory.errors import NotAllowed
from correspondence.forms import (
    AddresseeFormSet,
    LetterForm,
    RelationFormSet,
    draft_of,
    initial_addressees,
    initial_of,
    initial_relations,
    with_value,
)
from correspondence.markdown_rules import field_name
from correspondence.models import Letter
from correspondence.selectors import parties_for
from correspondence.services import Draft, checks_of
from signing.errors import DomainError

SHOWN_REFUSALS = 100
SHOWN_RECIPIENTS = 3
_SETS = ("addressee", "relation")


class Problem(NamedTuple):
    """A mistake with the id of the place that mends it; `label` is empty where the message says it all."""

    href: str
    label: str
    text: str


@dataclass
class Composer:
    """The forms of one request, with refusals by section: addressees, relations, recipients, attachment."""

    form: LetterForm
    addressees: Any
    relations: Any
    refusals: dict[str, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether all three may be saved; all are checked, so that every mistake shows at once."""
        return all([self.form.is_valid(), self.addressees.is_valid(), self.relations.is_valid()])

    @property
    def draft(self) -> Draft:
        """The valid forms as one draft."""
        return draft_of(self.form, self.addressees, self.relations)

    @property
    def agency_id(self) -> UUID:
        """The sender that was chosen in the valid form."""
        return UUID(self.form.cleaned_data["agency"])

    @property
    def problems(self) -> list[Problem]:
        """Every mistake of the three forms and the refused sections, in the order of the page; empty if not posted."""
        found = [
            Problem(bound.id_for_label, str(bound.label), str(text))
            for form in (*self.addressees, self.form, *self.relations)
            for bound in form
            for text in bound.errors
        ]
        sections = {"addressees": self.addressees, "relations": self.relations}
        for section, lines in sections.items():
            found += [Problem(section, "", str(text)) for text in lines.non_form_errors()]
        found += [Problem(section, "", text) for section, text in self.refusals.items()]
        return [Problem("", "", str(text)) for text in self.form.non_field_errors()] + found

    def refuse(self, error: DomainError) -> None:
        """Put a refusal beside its field, beside its section, or above the form where it belongs to neither."""
        if error.field in {"addressees", "relations", "recipients", "attachment"}:
            self.refusals[str(error.field)] = str(error.message)
        else:
            self.form.add_error(error.field if error.field in self.form.fields else None, str(error.message))

    def take_version(self, version: int) -> None:
        """Let the next save replace what somebody else has saved: its writer has been told and shown."""
        self.form.data = with_value(self.form.data, "version", str(version))


def composer_of(
    actor: Actor, letter: Letter | None, *, posted: QueryDict | None = None, asked: QueryDict | None = None
) -> Composer:
    """The forms, filled from what was `posted`, from the draft, or from the address of a reply link (`asked`)."""
    data = _with_more_rows(posted) if posted is not None else None
    if letter is not None:
        initial, addressees, relations = initial_of(letter), initial_addressees(letter), initial_relations(letter)
    else:
        initial, addressees, relations = _from_address(asked or QueryDict())
    form = LetterForm(actor, data, initial=initial)
    composer = Composer(
        form=form,
        addressees=AddresseeFormSet(data, initial=addressees, prefix="addressee"),
        relations=RelationFormSet(data, initial=relations, prefix="relation"),
    )
    if addressees or (letter is not None and letter.recipients.exists()):
        composer.addressees.extra = 0
    composer.addressees.sender = _national_id(actor, str(form["agency"].value() or ""))
    return composer


def wants_rows(posted: QueryDict) -> bool:
    """Whether the form was sent only to get another empty line; nothing is saved then."""
    return posted.get("more") in _SETS


def require_clerk(actor: Actor) -> None:
    """Raise NotAllowed for those who write for no agency."""
    if not any(role.right == "clerk" for role in actor.roles):
        raise NotAllowed


def draft_context(letter: Letter) -> dict[str, Any]:
    """What the page shows of a saved draft beside its forms: files, list of recipients, checks."""
    accepted = letter.recipients.exclude(row=None).order_by("row")
    first = accepted.first()
    english = (get_language() or "").startswith("en")
    refused = [
        {"line": r.line, "party_id": r.party_id, "name": r.name, "reason": r.refusal_en if english else r.refusal}
        for r in letter.recipients.filter(row=None)[:SHOWN_REFUSALS]
    ]
    return {
        "attachments": letter.attachments.defer("text"),
        "accepted": accepted.count(),
        "recipients": accepted[:SHOWN_RECIPIENTS],
        "refused": refused,
        "refused_count": letter.recipients.filter(row=None).count() if refused else 0,
        "columns": [field_name(name) for name in first.fields] if first else [],
        "checks": checks_of(letter),
    }


def page_context(actor: Actor, composer: Composer, letter: Letter | None) -> dict[str, Any]:
    """Everything that the composer's template needs."""
    context = {
        "form": composer.form,
        "addressees": composer.addressees,
        "relations": composer.relations,
        "refusals": composer.refusals,
        "problems": composer.problems if composer.form.is_bound else [],
        "letter": letter,
        "parties": parties_for(actor),
        "steps": [_("Write"), _("Sign"), _("Number and send")],
        "section": "drafts" if letter is not None else "letter_new",
    }
    return context | (draft_context(letter) if letter is not None else {})


def _with_more_rows(posted: QueryDict) -> QueryDict:
    prefix = posted.get("more", "")
    total = posted.get(f"{prefix}-TOTAL_FORMS", "")
    if prefix not in _SETS or not (total.isascii() and total.isdecimal() and len(total) < 4):
        return posted
    data = posted.copy()
    data[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 1)
    return data


def _from_address(query: QueryDict) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """A reply begins with its subject, its addressee and the letter it answers."""
    initial = {"salutation": _("With greetings and respect;"), "subject": query.get("subject", "")[:500]}
    addressees = (
        [{"role": "to", "identifier": query["to"][:60], "name": query.get("name", "")[:200]}] if query.get("to") else []
    )
    relations = [
        {"kind": "in_reply_to_received", "number": query["number"][:80], "date": query.get("dated", "")[:20]}
    ] if query.get("number") else []  # fmt: skip
    return initial, addressees, relations


def _national_id(actor: Actor, agency_id: str) -> str:
    return next((role.agency_national_id for role in actor.roles if str(role.agency_id) == agency_id), "")
