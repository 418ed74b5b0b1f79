"""The demonstration: complete, coherent, loaded once, and never half."""

import logging
from collections import Counter

import pytest
from django.core.management import call_command

from config.demo import letters, sign_in_hints
from config.demo.country import AGENCIES
from config.demo.letters import LETTERS
from correspondence.directory.identifiers import national_code
from correspondence.directory.models import Agency, Company, Person, Role
from correspondence.directory.numbering import check_number_pattern
from correspondence.models import Letter
from inbox.models import Mailbox, Notice
from signing.evidence.models import Event, Handoff
from tests.people import settle

pytestmark = pytest.mark.django_db


def test_it_loads_in_one_go_and_everything_arrives(caplog: pytest.LogCaptureFixture) -> None:
    call_command("demo")
    settle()
    assert Agency.objects.count() == len(AGENCIES)
    assert Letter.objects.count() == len(LETTERS)
    states = Counter(Letter.objects.values_list("state", flat=True))
    assert states == {"sealed": len(LETTERS) - 3, "approved": 1, "submitted": 1, "draft": 1}
    assert not Handoff.objects.exclude(state=Handoff.State.DONE).exists()
    assert Notice.objects.count() == sum(
        len(letter.citizens) + len(letter.agencies) + len(letter.copies) for letter in LETTERS if letter.until == "sent"
    )
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING], "no code on the console"
    assert logging.getLogger("karpusheh.sms").isEnabledFor(logging.WARNING)


def test_a_second_start_changes_nothing() -> None:
    call_command("demo")
    before = (Letter.objects.count(), Person.objects.count(), Event.objects.count())
    Letter.objects.filter(state="draft").delete()
    call_command("demo")
    assert (Letter.objects.count() + 1, Person.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize("after", [0, 1, 7])
def test_cut_off_half_way_it_leaves_nothing_and_loads_the_next_time(
    monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as cut:
        broken = letters.DemoLetter(0, "letter", "ناتمام", "متن", citizens=(0,), agencies=(0,))
        cut.setattr(letters, "LETTERS", (*LETTERS[:after], broken))
        with pytest.raises(Exception, match="فرستنده"):
            call_command("demo")
    for table in (Agency, Person, Company, Letter, Event):
        assert not table.objects.exists()
    call_command("demo")
    assert Letter.objects.count() == len(LETTERS)


def test_no_agency_writes_two_letters_of_one_subject() -> None:
    assert [key for key, count in Counter((one.sender, one.subject) for one in LETTERS).items() if count > 1] == []


def test_its_people_and_agencies_are_valid_and_each_can_work() -> None:
    call_command("demo")
    for agency in Agency.objects.all():
        agency.full_clean()
        check_number_pattern(agency.number_pattern)
        rights = Role.objects.filter(agency=agency).values_list("right", flat=True)
        assert set(rights) >= {Role.Right.CLERK, Role.Right.APPROVER}
    assert len(set(Agency.objects.values_list("code", flat=True))) == len(AGENCIES)
    for person in Person.objects.all():
        assert national_code(person.national_code).startswith("999")
    hints = sign_in_hints()
    known = set(Person.objects.values_list("national_code", flat=True))
    assert len([hint for hint in hints if set(hint.split()) & known]) >= 3


def test_every_mailbox_belongs_to_somebody_of_the_demonstration() -> None:
    call_command("demo")
    settle()
    agencies = set(Agency.objects.values_list("national_id", flat=True))
    for box in Mailbox.objects.all():
        assert box.name
        assert box.party_id in agencies if box.kind == "agency" else box.party_id.startswith("999")
