"""letter.json and dispatch.json of a plain letter, to be varied by tests of typesetting."""

import json
from typing import Any

BODY = """در اجرای مصوبهٔ کمیسیون مادهٔ پنج، طرح تفصیلی محدودهٔ ایستگاه با رعایت موارد زیر **موافقت** شد:

| ردیف | پهنه | مساحت (مترمربع) |
|:--|:--|--:|
| ۱ | شمال ایستگاه | ۱۲٬۴۰۰ |
| ۲ | جبههٔ رودخانه | ۳۱٬۸۵۰ |

خواهشمند است نسخهٔ اصلاح‌شده حداکثر تا تاریخ ۱۴۰۵/۰۹/۱۴ فرستاده شود."""

AGENCY = {
    "id": "01990000-0000-7000-8000-000000000001",
    "national_id": "14000000018",
    "name": "وزارت راه و شهرسازی نمونه",
    "name_en": "Sample Ministry of Roads",
    "parent": "جمهوری نمونه",
    "unit": "دفتر طرح‌های شهری",
    "address": "سپیدرود، خیابان آبان، شمارهٔ ۱۲",
    "sector": "roads",
    "emblem": "roads",
}


def letter_json(**changes: Any) -> bytes:
    """The bytes of a signed letter with the given keys changed."""
    letter = {
        "format": "karpusheh/letter/1",
        "id": "01990000-0000-7000-8000-000000000002",
        "environment": "development",
        "kind": "letter",
        "agency": AGENCY,
        "subject": "اعلام نظر دربارهٔ طرح تفصیلی محدودهٔ ایستگاه",
        "salutation": "با سلام و احترام؛",
        "body": BODY,
        "body_format": "karpusheh-markdown/1",
        "to": [{"kind": "person", "name": "جناب آقای سامان رستگار", "title": "شهردار محترم سپیدرود"}],
        "cc": [{"kind": "agency", "name": "آب و فاضلاب نمونه", "title": "", "purpose": "for_action"}],
        "classification": "unclassified",
        "priority": "normal",
        "reply_due": "2026-12-05",
        "relations": [{"kind": "in_reply_to_received", "number": "1405/31/7702", "date": "2026-11-10"}],
        "attachments": [attachment(1)],
        "signatories": [{"id": "p", "name": "پریسا یزدان‌پناه", "title": "مدیرکل دفتر", "on_behalf_of": None}],
        "recipients": None,
        "run": None,
        "template": {"name": "letter/1", "sha256": "0" * 64},
        "composed_at": "2026-11-20T08:00:00Z",
    } | changes
    return json.dumps(letter, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def dispatch_json(**changes: Any) -> bytes:
    """The bytes of its dispatch with the given keys changed."""
    dispatch = {
        "format": "karpusheh/dispatch/1",
        "letter": "01990000-0000-7000-8000-000000000002",
        "letter_sha256": "0" * 64,
        "number": "1405/102/4581",
        "register": "outgoing",
        "year": 1405,
        "index": 4581,
        "dispatched_at": "2026-11-22T07:12:07Z",
        "jalali_date": "1405/09/01",
        "verification_code": "K7QM4TXD9R2F",
        "prevails": "pdf",
        "environment": "development",
    } | changes
    return json.dumps(dispatch, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def attachment(position: int) -> dict[str, Any]:
    """One entry of the list of attachments."""
    name = f"نقشهٔ محدوده {position}.pdf"
    return {"position": position, "name": name, "media_type": "application/pdf", "size": 1_258_291, "sha256": "0" * 64}
