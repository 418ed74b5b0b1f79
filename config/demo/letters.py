"""The first letters of the demonstration, sent through the same services that clerks use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from config.demo.country import AGENCIES, full_name
from config.demo.people import Staff, citizen_code
from correspondence.directory.access import Actor, actor_of
from correspondence.directory.sms import development_codes
from correspondence.models import Letter
from correspondence.services import (
    AddresseeDraft,
    Draft,
    approve_letter,
    compose_letter,
    dispatch_letter,
    send_signing_code,
    submit_letter,
)

GREETING = "با سلام و احترام؛"


@dataclass(frozen=True)
class DemoLetter:
    """A letter of the nth agency to citizens and agencies by position; `until` is the state it is left in."""

    sender: int
    kind: str
    subject: str
    body: str
    citizens: Sequence[int] = ()
    agencies: Sequence[int] = ()
    copies: Sequence[tuple[int, str]] = field(default=())
    priority: str = "normal"
    reply_days: int = 0
    until: str = "sent"


LETTERS = (
    DemoLetter(
        0, "tax_assessment", "برگ تشخیص مالیات عملکرد سال ۱۴۰۴",
        "در اجرای مادهٔ ۲۳۸ قانون مالیات‌های مستقیم، مالیات عملکرد سال ۱۴۰۴ شما به شرح زیر تشخیص داده شد:\n\n"
        "| شرح | مبلغ (ریال) |\n| --- | ---: |\n| درآمد مشمول | ۱٬۲۴۰٬۰۰۰٬۰۰۰ |\n| مالیات | ۱۸۶٬۰۰۰٬۰۰۰ |\n\n"
        "اگر به این برگ معترض هستید، می‌توانید ظرف **سی روز** از تاریخ ابلاغ، اعتراض خود را همراه مدارک به این اداره بدهید.",
        citizens=(2,),
    ),
    DemoLetter(
        2, "court_summons", "اخطاریهٔ وقت رسیدگی پروندهٔ ۰۵/۱۰۲/۸۸۱",
        "نظر به پروندهٔ کلاسهٔ ۰۵/۱۰۲/۸۸۱ مطروح در این شعبه، وقت رسیدگی روز پنجشنبه ۲۶ آذر ۱۴۰۵ ساعت ۹:۳۰ تعیین شده است.\n\n"
        "- مدارک اصلی خود را همراه داشته باشید.\n- اگر وکیل دارید، وکالت‌نامه را پیش از جلسه بفرستید.\n\n"
        "نشانی: سپیدرود، خیابان داد، ساختمان دادگستری، شعبهٔ ۱۰۲ حقوقی.",
        citizens=(2, 4),
    ),
    DemoLetter(
        5, "utility_bill", "قبض برق دورهٔ مهر و آبان ۱۴۰۵",
        "مصرف این دوره **۴۱۲ کیلووات‌ساعت** و مبلغ قابل پرداخت ۱٬۸۴۲٬۰۰۰ ریال است.\n\n"
        "1. شناسهٔ قبض: 1234567800118\n2. شناسهٔ پرداخت: 45650108\n\nمهلت پرداخت تا ۱۵ آذر ۱۴۰۵ است.",
        citizens=(2, 3, 5, 6),
    ),
    DemoLetter(
        8, "traffic_fine", "ثبت تخلف سرعت، پلاک ۱۲ ب ۳۴۵ ایران ۹۹",
        "برای خودروی شما به شمارهٔ پلاک ۱۲ ب ۳۴۵ ایران ۹۹ در تاریخ ۱۴۰۵/۰۸/۲۲ ساعت ۱۷:۴۰ در محور مهرگان، تخلف "
        "«تجاوز از سرعت مجاز تا ۳۰ کیلومتر» ثبت شد. مبلغ جریمه ۳٬۰۰۰٬۰۰۰ ریال است.",
        citizens=(2, 7),
    ),
    DemoLetter(
        4, "insurance_record", "تمدید پوشش بیمهٔ پایه تا ۱۴۰۶/۰۸/۳۰",
        "پوشش بیمهٔ پایهٔ سلامت شما و افراد زیر پوشش تا پایان روز ۱۴۰۶/۰۸/۳۰ تمدید شد و نیازی به مراجعه نیست.",
        citizens=(2, 3, 8),
    ),
    DemoLetter(
        9, "bank_statement", "صورت‌حساب آبان ۱۴۰۵",
        "گردش حساب شما در آبان ۱۴۰۵: واریز ۴۲۰٬۰۰۰٬۰۰۰ ریال، برداشت ۳۱۱٬۵۰۰٬۰۰۰ ریال.",
        citizens=(2, 9),
    ),
    DemoLetter(
        1, "insurance_debt", "اعلام بدهی حق بیمهٔ کارکنان، مهر ۱۴۰۵",
        "بر پایهٔ فهرست مهر ۱۴۰۵، ماندهٔ حق بیمهٔ کارگاه شما ۲۷۵٬۴۰۰٬۰۰۰ ریال است. خواهشمند است تا پایان آذر پرداخت شود.",
        citizens=(10, 11),
    ),
    DemoLetter(
        3, "letter", "اعلام نظر دربارهٔ طرح تفصیلی محدودهٔ ایستگاه",
        "در اجرای مصوبهٔ کمیسیون مادهٔ پنج، به آگاهی می‌رساند طرح تفصیلی محدودهٔ ایستگاه در این دفتر بررسی و با رعایت موارد "
        "زیر موافقت شد:\n\n| پهنه | کاربری پیشنهادی | مساحت (مترمربع) |\n| --- | --- | ---: |\n"
        "| شمال ایستگاه | خدمات سفر و پایانهٔ اتوبوس | ۱۲٬۴۰۰ |\n| جبههٔ رودخانه | فضای سبز، بی‌ساخت‌وساز | ۳۱٬۸۵۰ |\n\n"
        "خواهشمند است نسخهٔ اصلاح‌شده حداکثر تا ۱۴ آذر برای صدور ابلاغ به این دفتر فرستاده شود.",
        agencies=(10,), copies=((6, "for_action"), (11, "for_information")), priority="urgent", reply_days=14,
    ),
    DemoLetter(
        2, "letter", "استعلام مالکیت پلاک ثبتی ۱۲۳/۴۵",
        "نظر به پروندهٔ کلاسهٔ ۰۵/۱۰۲/۸۸۱، خواهشمند است آخرین وضعیت مالکیت پلاک ثبتی ۱۲۳/۴۵ بخش پنج و هرگونه بازداشت یا "
        "حق ارتفاق ثبت‌شده بر آن را اعلام فرمایند.",
        agencies=(11, 3), priority="immediate", reply_days=3,
    ),
    DemoLetter(
        0, "letter", "درخواست فهرست پیمانکاران سه‌ماههٔ دوم",
        "خواهشمند است فهرست پیمانکاران طرف قرارداد آن وزارت در سه‌ماههٔ دوم سال ۱۴۰۵ را تا پایان ماه به این اداره بفرستید.",
        agencies=(3,), reply_days=9,
    ),
    DemoLetter(
        0, "letter", "پاسخ به درخواست تقسیط بدهی",
        "با تقسیط بدهی شما در ده قسط ماهانه موافقت شد. سررسید نخستین قسط پایان ماه آینده است.",
        citizens=(12,), until="approved",
    ),
    DemoLetter(
        0, "tax_assessment", "برگ تشخیص مالیات بر ارزش افزوده، دورهٔ تابستان ۱۴۰۵",
        "مالیات بر ارزش افزودهٔ دورهٔ تابستان ۱۴۰۵ شما ۹۲٬۰۰۰٬۰۰۰ ریال تشخیص داده شد.",
        citizens=(13, 14), until="submitted",
    ),
    DemoLetter(
        0, "letter", "دعوت به جلسهٔ هماهنگی سامانهٔ مودیان",
        "جلسهٔ هماهنگی سامانهٔ مودیان روز دوشنبه برگزار می‌شود.",
        agencies=(9,), until="draft",
    ),
)  # fmt: skip


def load_letters(staff: Sequence[Staff], at: datetime) -> None:
    """Write, sign and send LETTERS. Background work is left to the worker."""
    for letter in LETTERS:
        _load(letter, staff, at)


def _load(demo: DemoLetter, staff: Sequence[Staff], at: datetime) -> None:
    sender = staff[demo.sender]
    clerk, approver = actor_of(sender.clerk, timezone.now()), actor_of(sender.approver, timezone.now())
    letter = compose_letter(clerk, sender.agency.id, _draft(demo, staff, at), at=timezone.now())
    if demo.until == "draft":
        return
    submit_letter(clerk, letter.id, at=timezone.now())
    if demo.until == "submitted":
        return
    _approve(approver, letter)
    if demo.until == "sent":
        dispatch_letter(clerk, letter.id, at=timezone.now())


def _approve(approver: Actor, letter: Letter) -> None:
    challenge = send_signing_code(approver, letter.id, address="demo", at=timezone.now())
    revision = letter.revisions.get()
    approve_letter(
        approver,
        letter.id,
        revision_sha256=revision.sha256,
        challenge_id=challenge,
        code=development_codes()[0].code,
        at=timezone.now(),
    )


def _draft(demo: DemoLetter, staff: Sequence[Staff], at: datetime) -> Draft:
    addressees = [AddresseeDraft("to", citizen_code(n), f"{full_name(n)}") for n in demo.citizens]
    addressees += [_agency("to", staff, n) for n in demo.agencies]
    addressees += [_agency("cc", staff, n, purpose) for n, purpose in demo.copies]
    due = (at + timedelta(days=demo.reply_days)).date() if demo.reply_days else None
    return Draft(
        subject=demo.subject,
        salutation=GREETING,
        body=demo.body,
        priority=demo.priority,
        reply_due=due,
        notice_kind=demo.kind,
        addressees=addressees,
    )


def _agency(role: str, staff: Sequence[Staff], position: int, purpose: str = "") -> AddresseeDraft:
    title = f"مدیر محترم {AGENCIES[position].unit}"
    return AddresseeDraft(role, staff[position].agency.national_id, title=title, purpose=purpose)
