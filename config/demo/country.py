"""The agencies, companies and names of the demonstration: all fictional; every number is generated and valid in form."""

from dataclasses import dataclass

from correspondence.directory.identifiers import company_check_digit, national_code_check_digit


@dataclass(frozen=True)
class DemoAgency:
    """One agency: `code` stands in its letter numbers, `sector` chooses emblem and texts."""

    code: str
    sector: str
    name: str
    name_en: str
    parent: str
    unit: str


AGENCIES = (
    DemoAgency("88", "tax", "سازمان امور مالیاتی نمونه", "Sample Tax Affairs", "وزارت اقتصاد نمونه", "ادارهٔ کل استان سپیدرود"),
    DemoAgency("31", "social", "سازمان تأمین اجتماعی نمونه", "Sample Social Security", "وزارت کار نمونه", "شعبهٔ دو سپیدرود"),
    DemoAgency("12", "court", "دادگستری استان نمونه", "Sample Court", "قوهٔ قضاییهٔ نمونه", "شعبهٔ ۱۰۲ حقوقی"),
    DemoAgency("102", "ministry", "وزارت راه و شهرسازی نمونه", "Sample Ministry of Roads", "جمهوری نمونه", "دفتر طرح‌های شهری"),
    DemoAgency("45", "health", "بیمهٔ سلامت نمونه", "Sample Health Insurance", "وزارت بهداشت نمونه", "ادارهٔ درمان"),
    DemoAgency("61", "power", "توزیع برق مهرگان", "Mehregan Power", "وزارت نیرو نمونه", "امور مشترکین"),
    DemoAgency("62", "water", "آب و فاضلاب نمونه", "Sample Water", "وزارت نیرو نمونه", "امور مشترکین"),
    DemoAgency("63", "gas", "شرکت گاز استان نمونه", "Sample Gas", "وزارت نفت نمونه", "امور مشترکین"),
    DemoAgency("70", "police", "پلیس راهور نمونه", "Sample Traffic Police", "فرماندهی انتظامی نمونه", "مرکز تخلفات"),
    DemoAgency("81", "bank", "بانک دماوند", "Damavand Bank", "", "ادارهٔ مشتریان"),
    DemoAgency("90", "municipality", "شهرداری سپیدرود", "Sepidrud Municipality", "", "ادارهٔ درآمد"),
    DemoAgency("55", "ministry", "سازمان ثبت اسناد نمونه", "Sample Registry", "قوهٔ قضاییهٔ نمونه", "ادارهٔ املاک"),
)  # fmt: skip

FIRST_NAMES = (
    "فرزانه", "بهمن", "مهرناز", "سامان", "پریسا", "نادر", "آناهیتا", "کاوه", "شیرین", "آرش", "مینا", "سیاوش",
    "لاله", "بابک", "نرگس", "فرهاد", "یاسمن", "داریوش", "سپیده", "کیان",
)  # fmt: skip
LAST_NAMES = (
    "اردلان", "راد", "یزدان‌پناه", "رستگار", "فرهودی", "کیانی", "مهرآیین", "پاکزاد", "دلاور", "نیک‌نام", "آذرمهر",
    "سپهری", "بهاروند", "تابان", "خرسند", "گلستانی", "هورمزد", "ایزدی", "شکیبا", "روشن",
)  # fmt: skip
COMPANIES = (
    "سازه‌گستر البرز", "کشت و صنعت نیلوفر", "ریسندگی زاگرس", "داده‌پردازان آفتاب", "پخش داروی سینا",
    "حمل و نقل کاروان", "فولاد سپیدان", "چاپ و نشر سپیده",
)  # fmt: skip


def synthetic_code(serial: int) -> str:
    """A national code in the 999 range, which no register is known to give out."""
    first = f"999{serial:06d}"
    return first + national_code_check_digit(first)


def synthetic_company(serial: int) -> str:
    """A company's or agency's national id with a valid check digit."""
    first = f"140{serial:07d}"
    return first + company_check_digit(first)


def full_name(serial: int) -> str:
    """A name for the nth person; two hundred differ."""
    return f"{FIRST_NAMES[serial % len(FIRST_NAMES)]} {LAST_NAMES[(serial * 7 + serial // 20) % len(LAST_NAMES)]}"
