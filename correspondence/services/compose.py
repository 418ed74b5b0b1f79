"""Writing a draft. Nothing here is evidence yet but the fact that a letter was begun."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from correspondence.directory.access import Actor, require
from correspondence.directory.identifiers import (
    InvalidIdentifier,
    clean_identifier,
    company_id,
    masked_id,
    national_code,
)
from correspondence.directory.models import Agency, Company, Role
from correspondence.errors import Conflict, LetterIncomplete
from correspondence.events import LETTER_COMPOSED
from correspondence.lines import check_line
from correspondence.markdown import check_body
from correspondence.models import Addressee, Letter, Relation
from correspondence.selectors import lock_draft
from signing.evidence.log import record

MAX_ADDRESSEES = 200


@dataclass(frozen=True)
class AddresseeDraft:
    """An addressee as typed: `identifier` is a national code, a company's or an agency's national id."""

    role: str
    identifier: str
    name: str = ""
    title: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class RelationDraft:
    """A reference to an earlier letter as typed."""

    kind: str
    number: str
    date: dt.date | None = None


@dataclass(frozen=True)
class Draft:
    """The whole editable content of a letter."""

    subject: str = ""
    salutation: str = ""
    body: str = ""
    classification: str = Letter.Classification.UNCLASSIFIED
    priority: str = Letter.Priority.NORMAL
    reply_due: dt.date | None = None
    notice_kind: str = Letter.NoticeKind.LETTER
    addressees: Sequence[AddresseeDraft] = ()
    relations: Sequence[RelationDraft] = ()


def compose_letter(actor: Actor, agency_id: UUID, draft: Draft, *, at: datetime) -> Letter:
    """Begin a letter of the agency; records `letter.composed`. Raises NotAllowed, and what `revise_letter` raises."""
    require(actor, Role.Right.CLERK, agency_id)
    with transaction.atomic():
        letter = Letter.objects.create(
            manifest_salt=secrets.token_bytes(16),
            agency_id=agency_id,
            author_id=actor.person_id,
            created_at=at,
            changed_at=at,
            version=0,
        )
        _write(letter, draft, at)
        record(LETTER_COMPOSED, letter.id, actor.label, at, facts={}, agency=agency_id, letter=letter.id)
    return letter


def revise_letter(actor: Actor, letter_id: UUID, version: int, draft: Draft, *, at: datetime) -> Letter:
    """Replace the content of a draft that still has the `version` which the writer saw.

    Raises Conflict when somebody else saved in between, NotEditable after submission, LetterIncomplete with a field for
    what could never be signed: control characters, an identifier that is none, an addressee twice.
    """
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        if letter.version != version:
            raise Conflict(_("Somebody else saved this letter in the meantime. Your text is kept on this page."))
        _write(letter, draft, at)
    return letter


def _write(letter: Letter, draft: Draft, at: datetime) -> None:
    letter.subject = check_line(draft.subject, field="subject", limit=500)
    letter.salutation = check_line(draft.salutation, field="salutation", limit=200)
    # An empty body is a draft that was just begun; it is refused at submission only.
    if draft.body.strip():
        check_body(draft.body)
    letter.body = draft.body
    letter.classification, letter.priority = draft.classification, draft.priority
    letter.reply_due, letter.notice_kind = draft.reply_due, draft.notice_kind
    letter.version, letter.changed_at = letter.version + 1, at
    letter.save()
    letter.addressees.all().delete()
    Addressee.objects.bulk_create(_addressees(letter, draft.addressees))
    letter.relations.all().delete()
    Relation.objects.bulk_create(
        Relation(
            letter=letter,
            position=position,
            kind=relation.kind,
            number=check_line(relation.number, field="relations", limit=80),
            date=relation.date,
        )
        for position, relation in enumerate(draft.relations, 1)
    )


def _addressees(letter: Letter, drafts: Sequence[AddresseeDraft]) -> list[Addressee]:
    if len(drafts) > MAX_ADDRESSEES:
        raise LetterIncomplete(
            "too_many_addressees",
            _("A letter names at most %(limit)s addressees. Use a recipients' list for more.")
            % {"limit": MAX_ADDRESSEES},
            field="addressees",
        )
    numbers = [clean_identifier(draft.identifier) for draft in drafts]
    agencies = {a.national_id: a for a in Agency.objects.filter(national_id__in=numbers)}
    companies = {c.national_id: c for c in Company.objects.filter(national_id__in=numbers)}
    found: dict[tuple[str, str], Addressee] = {}
    for position, (draft, number) in enumerate(zip(drafts, numbers, strict=True), 1):
        agency, company = agencies.get(number), companies.get(number)
        kind, party_id = _party(number, is_agency=agency is not None)
        if agency is not None and agency.id == letter.agency_id:
            raise _refuse_addressee("addressee_self", _("A letter cannot be addressed to its own sender."))
        if (kind, party_id) in found:
            raise _refuse_addressee("addressee_twice", _("This addressee stands in the list twice: %s") % party_id)
        known = agency or company
        found[kind, party_id] = Addressee(
            letter=letter,
            position=position,
            role=draft.role,
            kind=kind,
            party_id=party_id,
            name=check_line(draft.name or (known.name if known else ""), field="addressees", limit=200)
            # The name is printed on what others read too, and there a person's national code must never stand.
            or masked_id(kind, party_id),
            title=check_line(draft.title, field="addressees", limit=200),
            purpose=(draft.purpose or Addressee.Purpose.INFORMATION) if draft.role == Addressee.Role.CC else "",
        )
    return list(found.values())


def _party(number: str, *, is_agency: bool) -> tuple[str, str]:
    try:
        if is_agency:
            return Addressee.Kind.AGENCY, number
        if len(number) == 11:
            return Addressee.Kind.COMPANY, company_id(number)
        return Addressee.Kind.PERSON, national_code(number)
    except InvalidIdentifier as error:
        raise _refuse_addressee(error.code, error.message) from error


def _refuse_addressee(code: str, message: object) -> LetterIncomplete:
    return LetterIncomplete(code, str(message), field="addressees")
