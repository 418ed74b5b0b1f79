"""A page that shows every component in every state, for people who change them; only where ENVIRONMENT is development."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.states import CLASSES, EMBLEMS, PRIORITIES, SCANS, STATES


class SampleForm(forms.Form):
    """One field of each kind."""

    subject = forms.CharField(label="موضوع", help_text="کوتاه، بی‌نقطه؛ روی پاکت هم همین می‌آید.")
    national_code = forms.CharField(
        label="کد ملی", max_length=10, widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"})
    )
    code = forms.CharField(label="کد پیامک‌شده", required=False)
    priority = forms.ChoiceField(label="فوریت", choices=[("normal", "عادی"), ("urgent", "فوری"), ("immediate", "آنی")])
    classification = forms.ChoiceField(
        label="طبقه‌بندی", choices=[("unclassified", "عادی"), ("restricted", "محدود")], widget=forms.RadioSelect
    )
    body = forms.CharField(label="متن", widget=forms.Textarea, required=False)
    file = forms.FileField(label="پیوست", required=False)
    copy = forms.BooleanField(label="رونوشت به بایگانی", required=False)


def components(request: HttpRequest) -> HttpResponse:
    """GET /development/components/, `?desk=staff` in the clerks' density."""
    if settings.ENVIRONMENT != "development":
        raise Http404
    return render(request, "development/components.html", samples(request.GET.get("desk", "citizen")))


def samples(desk: str = "citizen") -> dict[str, Any]:
    """Fictional content for one of everything."""
    now = timezone.now()
    form = SampleForm(
        {"subject": "اعلام وضعیت پلاک ۱۲۳/۴۵", "national_code": "9993188068", "classification": "restricted"}
    )
    form.add_error("national_code", "رقم آخر با بقیه نمی‌خواند؛ دوباره نگاه کنید.")
    return {
        "base": "base_staff.html" if desk == "staff" else "base_citizen.html",
        "states": list(STATES),
        "bare_states": [*PRIORITIES, *CLASSES, *SCANS],
        "sectors": list(EMBLEMS),
        "colours": ["paper", "surface", "well", "ink", "teal", "signal", "wait", "ok"],
        "form": form,
        "now": now,
        "start": now - timedelta(days=6),
        "end": now + timedelta(days=14),
        "soon": now + timedelta(days=1),
        "page": Paginator(range(12_480), 50).page(3),
        "steps": ["نوشتن", "پاراف", "امضا", "شماره و فرستادن"],
        "moments": [
            {"title": "مهلت پاسخ", "at": now + timedelta(days=14), "tone": "due"},
            {"title": "باز شد", "at": now - timedelta(hours=2), "who": "فرزانه اردلان"},
            {"title": "مهر شد", "at": now - timedelta(hours=3), "style": "exact"},
        ],
        "rows": [
            {
                "sector": "court",
                "sender": "دادگستری استان نمونه",
                "subject": "استعلام پلاک ثبتی ۱۲۳/۴۵",
                "state": "opened",
            },
            {"sector": "municipality", "sender": "شهرداری سپیدرود", "subject": "اعلام نظر", "state": "not_opened"},
            {"sector": "tax", "sender": "سازمان امور مالیاتی", "subject": "فهرست پیمانکاران", "state": "served"},
        ],
        "people": [
            {
                "name": "مهرناز کیان‌پور",
                "national_code": "9993180576",
                "state": "served",
                "opened": "done",
                "served": "last",
            },
            {"name": "گیتی بهرامی‌نسب", "national_code": "9993189120", "state": "announced", "opened": "waiting"},
            {"name": "روشنک دادمهر", "national_code": "9993182033", "state": "announcement_failed", "failed": "failed"},
        ],
    }
