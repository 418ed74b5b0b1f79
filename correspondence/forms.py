"""What a clerk and an approver type, as Django forms; the rules behind them are in `services`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from correspondence.directory.access import Actor
from correspondence.directory.identifiers import InvalidIdentifier, clean_identifier, company_id, national_code
from correspondence.directory.models import Agency
from correspondence.jalali import InvalidJalaliDate, format_date, parse_jalali
from correspondence.models import Addressee, Letter, Relation
from correspondence.services import AddresseeDraft, Draft, RelationDraft

PRIORITIES = [("normal", pgettext_lazy("urgency", "Normal")), ("urgent", _("Urgent")), ("immediate", _("Immediate"))]
CLASSES = [
    ("unclassified", pgettext_lazy("class", "Unclassified")),
    ("restricted", _("Restricted")),
    ("confidential", _("Confidential")),
]
NOTICE_KINDS = [
    ("letter", _("Letter")),
    ("tax_assessment", _("Tax assessment")),
    ("court_summons", _("Court summons")),
    ("court_judgment", _("Court judgment")),
    ("insurance_debt", _("Insurance debt notice")),
    ("insurance_record", _("Insurance record")),
    ("traffic_fine", _("Traffic fine")),
    ("utility_bill", _("Utility bill")),
    ("bank_statement", _("Bank statement")),
    ("municipal_charge", _("Municipal charge")),
]
# عطف, پیرو and بازگشت.
RELATIONS = [
    ("in_reply_to_received", _("With reference to")),
    ("follow_up_own", _("Following our")),
    ("reply_return", _("In return to")),
]
_DATE_MISTAKES = {
    "date.shape": _("Write the day as year/month/day, for example 1405/09/01."),
    "date.year": _("The year must lie between 1280 and 1499; please look again."),
    "date.month": _("There is no such month; months go from 1 to 12."),
    "date.day": _("This month has no such day; please look again."),
}
_REPLACED = "\ufffd"


class TypedText(forms.CharField):
    """Text of a letter. What reached us broken is refused here: bytes that are no text arrive as U+FFFD."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if _REPLACED in value:
            raise forms.ValidationError(
                _("A character did not arrive whole and shows as �. Type it again; the rest is kept."), code="broken"
            )


class NeededText(TypedText):
    """Text that a draft may lack and a letter may not: the page must not call it optional."""

    needed_later = True


class JalaliDateField(forms.CharField):
    """A Jalali date as text, in any digits (1405/09/01); its value is a `date` or None."""

    widget = forms.TextInput(
        attrs={"dir": "ltr", "inputmode": "numeric", "placeholder": _("1405/09/01"), "autocomplete": "off"}
    )

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_jalali(text)
        except InvalidJalaliDate as error:
            raise forms.ValidationError(_DATE_MISTAKES[error.code], code=error.code) from error

    def prepare_value(self, value: Any) -> Any:
        return format_date(value, "numeric") if isinstance(value, dt.date) else value


class LetterForm(forms.Form):
    """The letter itself."""

    agency = forms.ChoiceField(label=_("Sending agency"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    subject = NeededText(label=_("Subject"), max_length=500, required=False)
    salutation = TypedText(label=_("Salutation"), max_length=200, required=False)
    body = NeededText(
        label=pgettext_lazy("of a letter", "Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
    )
    notice_kind = forms.ChoiceField(label=_("What it is"), choices=NOTICE_KINDS)
    priority = forms.ChoiceField(label=_("Urgency"), choices=PRIORITIES)
    classification = forms.ChoiceField(label=_("Classification"), choices=CLASSES)
    reply_due = JalaliDateField(label=_("Reply until"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clerk_at = {str(r.agency_id): r.agency_name for r in actor.roles if r.right == "clerk"}
        agency = self.fields["agency"]
        assert isinstance(agency, forms.ChoiceField)  # noqa: S101 - narrows the type for the checker
        agency.choices = list(clerk_at.items())
        if len(clerk_at) == 1:
            agency.widget = forms.HiddenInput()
            agency.initial = next(iter(clerk_at))


class AddresseeForm(forms.Form):
    """One addressee or copy."""

    # Initial values let an untouched line count as empty.
    role = forms.ChoiceField(
        label=_("Receives it as"), initial="to", choices=[("to", _("Addressee")), ("cc", _("Copy"))]
    )
    identifier = forms.CharField(
        label=_("National code or national id"),
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "list": "parties", "autocomplete": "off"}),
        error_messages={"required": _("Write the national code or national id, or remove this line.")},
    )
    name = TypedText(label=_("Name"), max_length=200, required=False)
    title = TypedText(label=_("Title"), max_length=200, required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose of the copy"),
        required=False,
        initial="for_information",
        choices=[("for_information", _("for information")), ("for_action", _("for action"))],
    )


class Lines(forms.BaseFormSet):  # type: ignore[type-arg]
    """Lines of a form that can be added and removed."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove this line")


class BaseAddressees(Lines):
    """Refuses, each beside its field: numbers that are none, the sender itself (`sender`), the same party twice."""

    sender = ""

    def clean(self) -> None:
        rows = [(form, clean_identifier(form.cleaned_data["identifier"])) for form in self.forms if self._counts(form)]
        agencies = Agency.objects.filter(national_id__in=[number for _form, number in rows])
        known = set(agencies.values_list("national_id", flat=True)) if rows else set()
        seen: set[str] = set()
        for form, number in rows:
            mistake = _sending_mistake(number, known, sender=self.sender, seen=seen)
            if mistake:
                form.add_error("identifier", mistake)
            seen.add(number)

    def _counts(self, form: forms.Form) -> bool:
        data = getattr(form, "cleaned_data", {})
        return bool(data.get("identifier")) and not data.get("DELETE")


def _sending_mistake(number: str, agencies: set[str], *, sender: str, seen: set[str]) -> Any:
    if number in seen:
        return _("This one stands in the list twice; one letter reaches each only once.")
    if number in agencies:
        return _("A letter cannot be addressed to its own sender.") if number == sender else None
    try:
        company_id(number) if len(number) == 11 else national_code(number)
    except InvalidIdentifier as error:
        return error.message
    return None


class RelationForm(forms.Form):
    """One reference to an earlier letter."""

    kind = forms.ChoiceField(label=_("Reference"), initial=RELATIONS[0][0], choices=RELATIONS)
    number = TypedText(
        label=_("Letter number"),
        max_length=80,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        error_messages={"required": _("Write the number of that letter, or remove this line.")},
    )
    date = JalaliDateField(label=_("Dated"), required=False)


AddresseeFormSet = forms.formset_factory(
    AddresseeForm, formset=BaseAddressees, extra=1, max_num=200, validate_max=True, can_delete=True
)
RelationFormSet = forms.formset_factory(
    RelationForm, formset=Lines, extra=0, max_num=20, validate_max=True, can_delete=True
)


class ReturnForm(forms.Form):
    """Why a letter goes back to its writer."""

    reason = forms.CharField(
        label=_("What should be changed"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ApprovalForm(forms.Form):
    """The code that signs one revision."""

    code = forms.CharField(
        label=_("One-time code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr", "autofocus": True}
        ),
        error_messages={"required": _("Write the six digits that were sent to your mobile.")},
    )
    revision = forms.CharField(widget=forms.HiddenInput)

    def refuse_code(self, message: str) -> None:
        """Say what is wrong beside an empty field: nobody mends a wrong code digit by digit."""
        self.add_error("code", message)
        self.data = with_value(self.data, "code", "")


def with_value(data: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    """What was posted, with another value for one field, so that the page shows that one."""
    return {key: data[key] for key in data} | {name: value}


def draft_of(form: LetterForm, addressees: Any, relations: Any) -> Draft:
    """The valid forms as one draft."""
    kept = [row.cleaned_data for row in addressees if row.cleaned_data and not row.cleaned_data.get("DELETE")]
    related = [row.cleaned_data for row in relations if row.cleaned_data and not row.cleaned_data.get("DELETE")]
    data = form.cleaned_data
    return Draft(
        subject=data["subject"],
        salutation=data["salutation"],
        body=data["body"].replace("\r\n", "\n"),
        classification=data["classification"],
        priority=data["priority"],
        reply_due=data["reply_due"],
        notice_kind=data["notice_kind"],
        addressees=[AddresseeDraft(c["role"], c["identifier"], c["name"], c["title"], c["purpose"]) for c in kept],
        relations=[RelationDraft(c["kind"], c["number"], c["date"]) for c in related],
    )


def initial_of(letter: Letter) -> dict[str, Any]:
    """A letter's content as the initial values of LetterForm."""
    names = ("subject", "salutation", "body", "notice_kind", "priority", "classification", "reply_due", "version")
    return {name: getattr(letter, name) for name in names} | {"agency": str(letter.agency_id)}


def initial_addressees(letter: Letter) -> list[dict[str, Any]]:
    """A letter's addressees as the initial values of AddresseeFormSet."""
    return [_initial_addressee(addressee) for addressee in letter.addressees.all()]


def initial_relations(letter: Letter) -> list[dict[str, Any]]:
    """A letter's relations as the initial values of RelationFormSet."""
    return [_initial_relation(relation) for relation in letter.relations.all()]


def _initial_addressee(a: Addressee) -> dict[str, Any]:
    return {"role": a.role, "identifier": a.party_id, "name": a.name, "title": a.title, "purpose": a.purpose}


def _initial_relation(r: Relation) -> dict[str, Any]:
    return {"kind": r.kind, "number": r.number, "date": r.date}
