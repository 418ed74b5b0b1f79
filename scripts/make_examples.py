"""Makes the files of examples/ that nobody types by hand: lists of recipients and attachments.

`.venv/bin/python scripts/make_examples.py` writes the same bytes each time. All people, companies and agencies are
fictional; their numbers are synthetic and right in form only. The letters themselves are typed (letter.toml).
"""

import datetime as dt
import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import django
import docx
import typst
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config.demo.country import COMPANIES, full_name, synthetic_code, synthetic_company  # noqa: E402
from correspondence.directory.identifiers import bill_check_digit  # noqa: E402

JOURNEY = ROOT / "examples" / "journey"
SMALL = ROOT / "examples" / "journey-small"
FONTS = ROOT / "node_modules" / "vazirmatn" / "fonts" / "ttf"
WRITTEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
MORE_COMPANIES = ("ابزارسازی توس", "شیشهٔ دریاکنار", "نان‌آوران سپیدرود", "پوشاک ماهور", "بازرگانی سرو", "کاشی نگین کویر")

RULES_OF_PAYMENT = """
= راهنمای پرداخت و رسیدگی

این راهنما پیوست برگ اعلام بدهی مالیات سال ۱۴۰۴ است. نرخ‌ها و موعدها برای همهٔ مؤدیان یکسان است.

+ پرداخت تنها با شناسهٔ قبض و شناسهٔ پرداخت همین نامه پذیرفته می‌شود.
+ درخواست تقسیط در سامانهٔ سازمان ثبت می‌شود و به مراجعهٔ حضوری نیازی نیست.
+ اعتراض در همان مهلتی که در نامه آمده پذیرفته می‌شود و رسید دارد.

#table(columns: (1fr, 1fr, 1fr), inset: 7pt,
  [*شرح*], [*موعد*], [*نرخ*],
  [پرداخت یک‌جا], [تا ۳۰ دی ۱۴۰۵], [بی‌جریمه],
  [تقسیط شش‌ماهه], [از ۱ بهمن ۱۴۰۵], [۲٫۵ درصد در ماه],
)

پرسش‌های مؤدیان در دفتر زرنگارستان، طبقهٔ دوم ادارهٔ کل استان سپیدرود پاسخ داده می‌شود.
"""


def main() -> None:
    """Write all generated files below examples/."""
    for folder in (JOURNEY, SMALL):
        (folder / "attachments").mkdir(parents=True, exist_ok=True)
    (JOURNEY / "recipients.csv").write_bytes(_journey_list().encode("utf-8-sig"))
    (JOURNEY / "attachments" / "راهنمای پرداخت.pdf").write_bytes(_pdf(RULES_OF_PAYMENT))
    (JOURNEY / "attachments" / "نمودار وصول ۱۴۰۴.png").write_bytes(_chart("PNG"))
    (JOURNEY / "attachments" / "فرم درخواست تقسیط.docx").write_bytes(_form())
    (SMALL / "recipients.csv").write_bytes(_small_list().encode("utf-16"))
    (SMALL / "attachments" / "نمودار پرداخت حق بیمه.jpg").write_bytes(_chart("JPEG"))
    (SMALL / "attachments" / "مدارک لازم.txt").write_bytes(
        "برای اعتراض به این صورت‌حساب، فهرست مزد دی‌ماه و رسید پرداخت را به میز بلورافشان بسپارید.\n".encode()
    )


def _journey_list() -> str:
    """200 rows as agencies send them: mixed digits, Arabic letters, half-spaces, a duplicate, two wrong check digits."""
    rows: list[tuple[str, str, int]] = []
    for place in range(200):
        code, name = synthetic_code(1 + place), full_name(place)
        if place % 16 == 7:
            code, name = _company(place // 16)
        rows.append((code, name, (place * 7919 % 880 + 120) * 10_000))
    rows[93] = (*rows[12][:2], rows[93][2])
    for place in (41, 148):
        rows[place] = (_with_wrong_check_digit(rows[place][0]), *rows[place][1:])
    lines = ["ردیف,کد ملی / شناسه ملی,نام و نام خانوادگی,مبلغ (ریال),شناسه قبض,شناسه پرداخت"]
    for place, (code, name, amount) in enumerate(rows):
        lines.append(",".join([*_habits(place, code, name), f'"{amount:,}"', *_bill(place, amount)]))
    return "\r\n".join(lines) + "\r\n"


def _habits(place: int, code: str, name: str) -> list[str]:
    """Row number, code and name as one of several typists writes them."""
    code = [
        code,
        code.translate(PERSIAN),
        code.translate(ARABIC),
        f"{code[:3]}-{code[3:9]}-{code[9:]}",
        code[:5].translate(PERSIAN) + code[5:],
        f" {code} ",
        f"\u200f{code.translate(PERSIAN)}",
        f"{code[:3]}\u200c{code[3:]}",
    ][place % 8]
    if place % 3 == 1:
        name = name.translate(str.maketrans("یک", "يك"))
    if place % 11 == 5:
        name = name.replace(" ", "  ")
    return [str(place + 1).translate(PERSIAN), code, name]


def _company(serial: int) -> tuple[str, str]:
    names = COMPANIES + MORE_COMPANIES
    return synthetic_company(100 + serial), f"شرکت {names[serial]}"


def _bill(place: int, amount: int) -> tuple[str, str]:
    """A bill and its payment id: file code, company, service 8 (tax); amount in thousands, year, period."""
    bill = f"{31_000_000 + place}2048"
    bill += bill_check_digit(bill)
    payment = f"{amount // 1000}405"
    payment += bill_check_digit(payment)
    return bill, payment + bill_check_digit(bill + payment)


def _with_wrong_check_digit(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def _small_list() -> str:
    """12 rows under a title, with semicolons and names in two columns; five of them cannot be sent."""
    codes = [synthetic_code(20 + place) for place in range(12)]
    codes[2], codes[5] = "", f"{codes[5][:4]}O{codes[5][5:]}"
    codes[7], codes[9] = codes[7][:7], "8888888888"
    codes[10] = synthetic_company(103)
    lines = ["صورت بدهی کارفرمایان شعبهٔ دو سپیدرود", "نام;نام خانوادگی;کد ملی;بدهی;کارگاه"]
    for place, code in enumerate(codes):
        first, _space, last = full_name(19 + place).partition(" ")
        if place == 10:
            first, last = "شرکت", COMPANIES[3]
        debt = str((place + 3) * 1_750_000).translate(PERSIAN)
        surplus = ";سپیدرود" if place == 4 else ""
        lines.append(
            f"{first};{last};{code.translate(ARABIC if place % 2 else PERSIAN)};{debt};کارگاه {place + 1}{surplus}"
        )
    return "\r\n".join(lines) + "\r\n"


def _pdf(text: str) -> bytes:
    date = f"datetime(year: {WRITTEN.year}, month: {WRITTEN.month}, day: {WRITTEN.day})"
    head = (
        f'#set document(title: "راهنمای پرداخت", date: {date})\n#set page("a4", margin: 2.4cm)\n'
        '#set text(font: "Vazirmatn", lang: "fa", dir: rtl, size: 12pt)\n#set par(leading: 1em)\n'
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "guide.typ"
        source.write_text(head + text, encoding="utf-8")
        made = typst.compile(str(source), font_paths=[str(FONTS)], ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


def _chart(kind: str) -> bytes:
    """Twelve months as bars, the newest at the left, as charts in Persian run."""
    picture = Image.new("RGB", (900, 480), "#FFFDF8")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(FONTS / "Vazirmatn-Medium.ttf"), 22)
    for line in range(5):
        draw.line((60, 60 + 85 * line, 860, 60 + 85 * line), fill="#DCD4C4", width=2)
    for month in range(12):
        height = 90 + (month * 53 + 17) % 240
        right = 850 - month * 66
        draw.rectangle((right - 44, 400 - height, right, 400), fill="#A62F17" if month == 11 else "#0B5558")
        draw.text((right - 22, 428), str(month + 1).translate(PERSIAN), fill="#3F5558", font=font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, kind, optimize=True)
    return out.getvalue()


def _form() -> bytes:
    """A Word form with a table; its archive is written anew so that no time of making is in it."""
    document = docx.Document()
    document.core_properties.author = "سازمان امور مالیاتی نمونه"
    document.core_properties.created = document.core_properties.modified = WRITTEN.replace(tzinfo=None)
    document.add_heading("فرم درخواست تقسیط بدهی", level=1)
    document.add_paragraph("این فرم را پر کنید و به پیشخوان کاژیرآباد بسپارید؛ رسید آن در کارپوشهٔ شما می‌آید.")
    table = document.add_table(rows=0, cols=2)
    for title in ("نام و نام خانوادگی", "کد ملی یا شناسهٔ ملی", "شناسهٔ قبض", "شمار قسط‌ها", "تاریخ و امضا"):
        table.add_row().cells[0].text = title
    made, fixed = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            if "thumbnail" not in part.filename:
                target.writestr(zipfile.ZipInfo(part.filename, (2026, 11, 1, 0, 0, 0)), _part(source, part.filename), 8)
    return fixed.getvalue()


def _part(source: zipfile.ZipFile, name: str) -> bytes:
    content = source.read(name)
    if name == "_rels/.rels":
        relations = content.decode().split("<Relationship ")
        return "<Relationship ".join(line for line in relations if "thumbnail" not in line).encode()
    return content


if __name__ == "__main__":
    main()
