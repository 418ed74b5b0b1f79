"""What a clerk and an approver type, as Django forms; the rules behind them are in `services`."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from correspondence.directory.access import Actor
from correspondence.jalali import InvalidJalaliDate, format_date, parse_jalali
from correspondence.models import Addressee, Letter, Relation
from correspondence.services import AddresseeDraft, Draft, RelationDraft

PRIORITIES = [("normal", _("Normal")), ("urgent", _("Urgent")), ("immediate", _("Immediate"))]
CLASSES = [("unclassified", _("Unclassified")), ("restricted", _("Restricted")), ("confidential", _("Confidential"))]
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
RELATIONS = [
    ("in_reply_to_received", _("With reference to")),
    ("follow_up_own", _("Following our")),
    ("reply_return", _("In return to")),
]


class JalaliDateField(forms.CharField):
    """A Jalali date as text, in any digits (1405/09/01); its value is a `date` or None."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_jalali(text)
        except InvalidJalaliDate as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return format_date(value, "numeric") if isinstance(value, dt.date) else value


class LetterForm(forms.Form):
    """The letter itself."""

    agency = forms.ChoiceField(label=_("Sending agency"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=500, required=False)
    salutation = forms.CharField(label=_("Salutation"), max_length=200, required=False)
    body = forms.CharField(
        label=_("Text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"})
    )
    notice_kind = forms.ChoiceField(label=_("What it is"), choices=NOTICE_KINDS)
    priority = forms.ChoiceField(label=_("Urgency"), choices=PRIORITIES)
    classification = forms.ChoiceField(label=_("Classification"), choices=CLASSES)
    reply_due = JalaliDateField(
        label=_("Reply until"), required=False, widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"})
    )

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

    role = forms.ChoiceField(label=_("As"), choices=[("to", _("Addressee")), ("cc", _("Copy"))])
    identifier = forms.CharField(
        label=_("National code or national id"),
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "list": "parties", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose of the copy"),
        required=False,
        choices=[("for_information", _("for information")), ("for_action", _("for action"))],
    )


class RelationForm(forms.Form):
    """One reference to an earlier letter."""

    kind = forms.ChoiceField(label=_("Reference"), choices=RELATIONS)
    number = forms.CharField(label=_("Letter number"), max_length=80, widget=forms.TextInput(attrs={"dir": "ltr"}))
    date = JalaliDateField(
        label=_("Dated"), required=False, widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"})
    )


AddresseeFormSet = forms.formset_factory(AddresseeForm, extra=1, max_num=200, validate_max=True, can_delete=True)
RelationFormSet = forms.formset_factory(RelationForm, extra=1, max_num=20, validate_max=True, can_delete=True)


class FileForm(forms.Form):
    """One file: an attachment, or a list of recipients."""

    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=1000)


class ReturnForm(forms.Form):
    """Why a letter goes back to its writer."""

    reason = forms.CharField(
        label=_("What should be changed"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ApprovalForm(forms.Form):
    """The signatory's one-time code for exactly this revision."""

    code = forms.CharField(
        label=_("One-time code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr", "maxlength": "6"}
        ),
    )
    revision = forms.CharField(widget=forms.HiddenInput)


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
