"""Deliveries and receipts cannot be changed in the database, and mailboxes open to their owners' proxies only."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.demo.country import synthetic_company
from correspondence.directory.access import actor_of
from correspondence.directory.errors import NotFound
from correspondence.directory.models import Company, Representative
from correspondence.services import AddresseeDraft, Draft
from inbox.models import IncomingRegistration, Mailbox, Notice, Undelivered
from inbox.results import deliveries_of
from inbox.selectors import get_notice, notices_for
from inbox.services import open_notice, register_incoming
from tests.people import Cast, dispatched_letter, draft_to, recipients_csv

SESSION = "0" * 64


def test_the_database_keeps_what_was_delivered_and_when_it_was_opened(cast: Cast) -> None:
    dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    dispatched_letter(cast.ministry, Draft(subject="م", body="م"), recipients_csv([41]))
    notice = Notice.objects.get(mailbox__party_id=cast.mehrnaz.national_code)
    mehrnaz = actor_of(cast.mehrnaz, timezone.now())
    open_notice(mehrnaz, notice.id, session=SESSION, at=timezone.now())
    notices, other = Notice.objects.all(), Mailbox.objects.exclude(id=notice.mailbox_id).get()
    refused = (
        lambda: notices.update(content=b"{}", signature=b"", dispatch_json=b"{}", verification_code=None),
        lambda: notices.update(signature=b""),
        lambda: notices.filter(id=notice.id).update(mailbox=other),
        lambda: notices.update(number="1405/101/9"),
        lambda: notices.update(deposited_at=timezone.now()),
        lambda: notices.update(announced_at=timezone.now()),
        lambda: notices.update(announced_at=None),
        lambda: notices.filter(id=notice.id).update(first_viewed_at=timezone.now()),
        lambda: notices.filter(id=notice.id).update(first_viewed_at=None, viewed_by=None),
        lambda: notices.filter(id=notice.id).update(viewed_by=cast.kaveh),
        lambda: notices.exclude(id=notice.id).update(first_viewed_at=timezone.now()),
        lambda: _delete("inbox_notice"),
        lambda: Mailbox.objects.update(party_id="9990000018"),
        lambda: _delete("inbox_mailbox"),
    )
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def _delete(table: str) -> None:
    # Not through the models, which protect what others point to before the database is asked.
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours


def test_the_database_keeps_what_was_not_delivered_and_what_was_registered(cast: Cast) -> None:
    draft = Draft(subject="م", body="م", addressees=[AddresseeDraft("to", cast.registry.agency.national_id)])
    letter = dispatched_letter(cast.ministry, draft)
    register_incoming(cast.registry.writer, Notice.objects.get().id, session=SESSION, at=timezone.now())
    Undelivered.objects.create(letter=letter, row=1, reason_code="x", reason="x", at=timezone.now())
    for table in (Undelivered.objects.all(), IncomingRegistration.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            table.update(id=99)
        with pytest.raises(IntegrityError), transaction.atomic():
            table.delete()


def test_content_of_ones_own_comes_whole_or_not_at_all(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    box = Mailbox.objects.get()
    for parts in ({"row": 1}, {"content": b"{}"}, {"row": 1, "content": b"{}", "signature": b"s"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.create(letter=letter, mailbox=box, number="1", deposited_at=timezone.now(), **parts)


def test_a_companys_representative_reads_its_mail_until_revoked(cast: Cast) -> None:
    company = Company.objects.create(national_id=synthetic_company(700), name="سازه‌گستر")
    draft = Draft(subject="م", body="م", addressees=[AddresseeDraft("to", company.national_id)])
    dispatched_letter(cast.ministry, draft)
    notice = Notice.objects.get()
    with pytest.raises(NotFound):
        get_notice(actor_of(cast.mehrnaz, timezone.now()), notice.id)
    role = Representative.objects.create(person=cast.mehrnaz, company=company, title="مدیرعامل")
    mehrnaz = actor_of(cast.mehrnaz, timezone.now())
    assert [found.id for found in notices_for(mehrnaz)] == [notice.id]
    Representative.objects.filter(id=role.id).update(revoked_at=timezone.now())
    mehrnaz = actor_of(cast.mehrnaz, timezone.now())
    assert not notices_for(mehrnaz)
    with pytest.raises(NotFound):
        open_notice(mehrnaz, notice.id, session=SESSION, at=timezone.now())


def test_a_sender_reads_the_names_that_it_wrote_and_not_what_others_call_a_recipient(cast: Cast) -> None:
    code = cast.mehrnaz.national_code
    for office, name in ((cast.ministry, "مهرناز کیانی"), (cast.registry, "خانم کیانی")):
        draft = Draft(subject="م", body="م", addressees=[AddresseeDraft("to", code, name)])
        letter = dispatched_letter(office, draft, recipients_csv([71]).replace("شهروند", name))
        assert [one.name for one in deliveries_of(letter)] == [name, f"{name} 71"]
