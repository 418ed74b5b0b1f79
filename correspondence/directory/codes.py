"""One-time codes: six digits, five minutes, five tries, single use, bound to a purpose, kept only as an HMAC.

Asking answers alike for people whom the register knows and people whom it does not: both write a challenge and
do the same work; only the known ones are sent something.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from correspondence.directory.errors import CodeRefused, TooManyCodes
from correspondence.directory.identifiers import clean_identifier
from correspondence.directory.models import CodeChallenge
from correspondence.directory.numerals import numeral
from correspondence.directory.registers import person_register
from correspondence.directory.sms import SentCode, sms_gateway

SIGN_IN = "sign_in"
LIFETIME = timedelta(minutes=5)
MAX_TRIES = 5
WINDOW = timedelta(minutes=10)
LIMIT_OF_PERSON, LIMIT_OF_ADDRESS, LIMIT_OF_ALL = 12, 300, 6_000
# Who is signed in may sign a whole folder of letters; codes that strangers ask for at the door must not stop that.
LIMIT_OF_SIGNATORY = 120


@dataclass(frozen=True)
class Waiting:
    """A code that somebody is about to type: for whom it was asked, and until when and how often it may be tried."""

    national_code: str
    purpose: str
    expires_at: datetime
    tries_left: int
    is_open: bool


def send_code(national_code: str, purpose: str, *, address: str, at: datetime) -> UUID:
    """Make a challenge and, if the register knows a mobile, send its code there.

    `purpose` is `sign_in` or `sign:<digest of what is signed>`. Returns the challenge's id, which the browser's
    session keeps. Raises TooManyCodes; OSError where the gateway refuses.
    """
    code = f"{secrets.randbelow(1_000_000):06d}"
    challenge = CodeChallenge(
        national_code=national_code,
        address=address[:64],
        purpose=purpose,
        created_at=at,
        expires_at=at + LIFETIME,
    )
    challenge.code_hmac = _code_hmac(challenge.id, code)
    with transaction.atomic():
        _refuse_too_many(challenge)
        challenge.save(force_insert=True)
    record = person_register().find([national_code]).get(national_code)
    if record is not None and record.mobile:
        sms_gateway().send_code(SentCode(national_code, record.mobile, purpose, code, at))
    return challenge.id


def check_code(challenge_id: UUID, code: str, purpose: str, *, at: datetime) -> str:
    """Use up a code and return the national code that it proves.

    Raises CodeRefused with `code_used`, `code_expired`, `code_tries` or `code_wrong`. Every call counts as a try,
    also under parallel calls, because the counter is raised by one conditional update before the comparison.
    """
    open_challenge = CodeChallenge.objects.filter(id=challenge_id, purpose=purpose)
    with transaction.atomic():
        tried = open_challenge.filter(used_at=None, expires_at__gt=at, tries__lt=MAX_TRIES).update(tries=F("tries") + 1)
        challenge = open_challenge.first()
        if challenge is None:
            raise CodeRefused("code_expired", _("This code is no longer valid. Ask for a new one."))
        right = hmac.compare_digest(bytes(challenge.code_hmac), _code_hmac(challenge.id, clean_identifier(code)))
        if tried and right:
            open_challenge.filter(used_at=None).update(used_at=at)
    if not tried:
        raise _refusal_of(challenge, at)
    if not right:
        raise _wrong(MAX_TRIES - challenge.tries)
    return challenge.national_code


def waiting_code(challenge_id: UUID, purpose: str, *, at: datetime) -> Waiting | None:
    """What a page may say of a code before it is typed; None where there is no such challenge for this purpose."""
    challenge = CodeChallenge.objects.filter(id=challenge_id, purpose=purpose).first()
    if challenge is None:
        return None
    left = MAX_TRIES - challenge.tries
    is_open = challenge.used_at is None and challenge.expires_at > at and left > 0
    return Waiting(challenge.national_code, challenge.purpose, challenge.expires_at, left, is_open)


def _wrong(left: int) -> CodeRefused:
    if not left:
        return CodeRefused("code_tries", _("There were too many tries with this code. Ask for a new one."))
    sentence = ngettext(
        "This code is not right. You have %(left)s more try.",
        "This code is not right. You have %(left)s more tries.",
        left,
    )
    return CodeRefused("code_wrong", sentence % {"left": numeral(left)})


def _refusal_of(challenge: CodeChallenge, at: datetime) -> CodeRefused:
    if challenge.used_at is not None:
        return CodeRefused("code_used", _("This code was used before. Ask for a new one."))
    if challenge.expires_at <= at:
        return CodeRefused("code_expired", _("This code is no longer valid. Ask for a new one."))
    return CodeRefused("code_tries", _("There were too many tries with this code. Ask for a new one."))


def _refuse_too_many(challenge: CodeChallenge) -> None:
    since = CodeChallenge.objects.filter(created_at__gt=challenge.created_at - WINDOW)
    own, at_the_door = since.filter(national_code=challenge.national_code), Q(purpose=SIGN_IN)
    if challenge.purpose == SIGN_IN:
        of_person = (own.filter(at_the_door), LIMIT_OF_PERSON)
    else:
        of_person = (own.exclude(at_the_door), LIMIT_OF_SIGNATORY)
    limits = (of_person, (since.filter(address=challenge.address), LIMIT_OF_ADDRESS), (since, LIMIT_OF_ALL))
    for challenges, limit in limits:
        if len(challenges.values_list("id", flat=True)[:limit]) >= limit:
            raise TooManyCodes(minutes=int(WINDOW.total_seconds() // 60))


def _code_hmac(challenge_id: UUID, code: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), challenge_id.bytes + code.encode(), "sha256")
