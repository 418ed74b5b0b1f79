"""A letter on paper: PDF/A-3b with its sources inside, the same bytes each time, and no text that becomes markup."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import DictionaryObject

from correspondence.typesetting import TEMPLATE, RenderFailed, UnprintableText, check_printable, render_letter
from correspondence.typesetting.glyphs import printable
from correspondence.typesetting.renderer import RENDERER, Renderer
from correspondence.typesetting.sheet import EMBLEMS, sheet
from correspondence.typesetting.template import FOLDER, FONTS, LetterTemplate
from tests.correspondence.letters import AGENCY, attachment, dispatch_json, letter_json

pytestmark = pytest.mark.skipif(not FONTS[0].is_file(), reason="the packages of package.json are not installed")


@pytest.fixture(scope="module", autouse=True)
def _renderer() -> Iterator[None]:
    yield
    RENDERER.close()


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def root(pdf: bytes) -> Any:
    return reader(pdf).trailer["/Root"]


def words(pdf: bytes, page: int | None = None) -> str:
    """The text as poppler reads it, without marks of direction and with one space between words."""
    pages = [] if page is None else ["-f", str(page), "-l", str(page)]
    found = subprocess.run(["pdftotext", *pages, "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", found.stdout.decode()).split())


needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is not installed")


def test_it_is_tagged_pdf_a_3b_in_persian() -> None:
    made = render_letter(letter_json(), dispatch_json())
    pdf = reader(made)
    metadata = str(root(made)["/Metadata"].get_data(), "utf-8")
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert root(made)["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own type
    assert str(root(made)["/Lang"]).startswith("fa")
    assert pdf.metadata is not None
    assert pdf.metadata.title == "اعلام نظر دربارهٔ طرح تفصیلی محدودهٔ ایستگاه"
    assert pdf.metadata.author == AGENCY["name"]
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.isoformat() == "2026-11-22T07:12:07+00:00"


def claims_pdf_ua(made: bytes) -> bool:
    return "<pdfuaid:part>1</pdfuaid:part>" in str(root(made)["/Metadata"].get_data(), "utf-8")


def test_it_is_pdf_ua_unless_a_list_meets_the_foot_of_the_first_page() -> None:
    """Then Typst would tag the foot as part of the list, and the letter claims to be PDF/A alone."""
    plain = render_letter(letter_json(), dispatch_json())
    assert claims_pdf_ua(plain)
    assert root(plain)["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712 - pypdf's own type
    long_list = "\n".join(f"{n}. بند شمارهٔ {n} از شرایط" for n in range(1, 60))
    made = render_letter(letter_json(body=long_list), dispatch_json())
    assert not claims_pdf_ua(made)
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in str(root(made)["/Metadata"].get_data(), "utf-8")


def test_both_files_are_inside_byte_for_byte() -> None:
    letter, dispatch = letter_json(subject="#"), dispatch_json()
    pdf = render_letter(letter, dispatch)
    assert {name: data[0] for name, data in reader(pdf).attachments.items()} == {
        "letter.json": letter,
        "dispatch.json": dispatch,
    }
    relations = [entry.get_object()["/AFRelationship"] for entry in root(pdf)["/AF"]]
    assert relations == ["/Source", "/Source"]


def test_only_vazirmatn_and_embedded() -> None:
    fonts = {}
    page: Any
    for page in reader(render_letter(letter_json(), dispatch_json())).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[str(inner["/BaseFont"])] = inner["/FontDescriptor"].get_object()
    assert {name.split("+")[1].split("-")[0] for name in fonts} == {"Vazirmatn"}
    assert all("/FontFile2" in descriptor for descriptor in fonts.values())


def test_the_same_bytes_each_time_and_from_a_new_process() -> None:
    first = render_letter(letter_json(), dispatch_json())
    other = render_letter(letter_json(subject="دیگری"), dispatch_json())
    assert render_letter(letter_json(), dispatch_json()) == first != other
    RENDERER.close()
    assert render_letter(letter_json(), dispatch_json()) == first


@needs_poppler
def test_what_is_on_the_page() -> None:
    page = words(render_letter(letter_json(priority="urgent"), dispatch_json()))
    for expected in (
        "بسمه تعالی",
        "۱۴۰۵/۱۰۲/۴۵۸۱",
        "۱۴۰۵/۰۹/۰۱",
        "۱۴۰۵/۳۱/۷۷۰۲",
        "K7QM 4TXD 9R2F",
        "PDF",
        "آزمایشی",
        "مهر الکترونیکی",
        "امضای الکترونیکی",
        "فوری",
        "آذر",
    ):
        assert expected in page
    assert "پیش" not in page


@needs_poppler
def test_a_preview_says_so_and_has_neither_number_nor_seal() -> None:
    pdf = render_letter(letter_json(), None)
    page = words(pdf)
    assert "پس از امضا" in page
    assert "مهر الکترونیکی" not in page.replace("امضا و مهر الکترونیکی", "")
    assert "K7QM" not in page
    assert list(reader(pdf).attachments) == ["letter.json"]


def test_a_preview_has_the_pages_of_the_letter() -> None:
    for body in ("متن " * 20, "متن " * 260, "متن " * 1500):
        letter = letter_json(body=body)
        assert len(reader(render_letter(letter, None)).pages) == len(
            reader(render_letter(letter, dispatch_json())).pages
        )


@needs_poppler
def test_a_notice_of_a_run_says_which_object_prevails() -> None:
    letter = letter_json(kind="notice", run={"letter": "x", "letter_sha256": "0" * 64, "row": 12}, cc=[])
    assert "letter.json" in words(render_letter(letter, dispatch_json(prevails="json")))


@needs_poppler
def test_production_has_no_mark_of_development() -> None:
    assert "آزمایشی" not in words(render_letter(letter_json(environment="production"), dispatch_json()))


def test_a_classified_letter_has_no_pattern_to_scan() -> None:
    def images(classification: str) -> int:
        figures = render_letter(letter_json(classification=classification), dispatch_json())
        return figures.count(b"/Figure")

    assert images("unclassified") == images("restricted") + 1 == images("confidential") + 1


@needs_poppler
def test_class_and_page_number_on_every_page() -> None:
    pdf = render_letter(letter_json(classification="restricted", body="متن بلند " * 1200), dispatch_json())
    count = len(reader(pdf).pages)
    assert count > 2
    for page in range(1, count + 1):
        text = words(pdf, page)
        assert text.count("محرمانه") == 3
        assert "صفحٔه" in text or "صفحهٔ" in text or "صفحه" in text


HOSTILE = [
    '#panic("x")',
    '#import "@preview/x:1.0.0": *',
    '#read("/etc/passwd")',
    "$ sum_(i=0)^n $",
    "= head <lbl> @lbl",
    "\\u{41} // x /* y */",
    "*b* _e_ `c` ```d``` [x](y)",
    '"); #pagebreak() (#"',
    "<script>alert(1)</script>",
]


def signs(pdf: bytes) -> Counter[str]:
    """How often each sign is on the paper; readers of PDF order and mirror mixed lines each in their own way."""
    mirrored = str.maketrans("([{<", ")]}>")
    return Counter(words(pdf).translate(mirrored).replace(" ", ""))


@needs_poppler
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["subject", "salutation", "body", "name"])
def test_typst_and_html_are_only_text(text: str, place: str) -> None:
    def letter(value: str) -> bytes:
        signatory = {"id": "p", "name": value, "title": "", "on_behalf_of": None}
        changes = {"signatories": [signatory]} if place == "name" else {place: value}
        return render_letter(letter_json(**changes), dispatch_json())

    typed = text.replace("*b*", "b").replace("\\{", "{") if place == "body" else text
    pdf = letter(text)
    assert len(reader(pdf).pages) == 1
    mirrored = Counter(typed.translate(str.maketrans("([{<", ")]}>")).replace(" ", ""))
    assert signs(pdf) - signs(letter("ن")) == mirrored


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "ن", "body": "ن", "salutation": "", "to": [], "cc": [], "attachments": [], "signatories": []},
        {"subject": "موضوع بلند " * 45},
        {"subject": "ا" * 500},
        {"attachments": [attachment(n) for n in range(1, 61)]},
        {"cc": [{"kind": "agency", "name": f"ادارهٔ {n}", "title": "رئیس", "purpose": "for_action"} for n in range(30)]},
        {"body": "| الف | ب |\n|---|---|\n" + "| متن | 1405/102/4581 |\n" * 200},
        {"body": "|" + "ستون|" * 12 + "\n" + "|---" * 12 + "|\n" + "|مقدار" * 12 + "|"},
        {"body": "a" * 3000 + " " + "ب" * 3000},
        {"body": "- " * 6 + "ژرف"},
        {"body": "😀 中文 \u0007 \u202e \ue000 \u0600 \u1680", "subject": "😀"},
        {"agency": AGENCY | {"name": "ن" * 120, "parent": "", "unit": "", "address": "", "sector": "?", "emblem": ""}},
        {
            "signatories": [
                {"id": "p", "name": f"امضاکنندهٔ {n}", "title": "معاون", "on_behalf_of": "وزیر"} for n in range(4)
            ]
        },
        {"kind": "run", "to": [], "recipients": {"count": 12480, "manifest_sha256": "0" * 64}, "body": "{{نام}}"},
        {"relations": [{"kind": "follow_up_own", "number": "14505/ق/م/ب/1402", "date": None}]},
    ],
)
def test_letters_of_every_size(changes: dict[str, Any]) -> None:
    assert render_letter(letter_json(**changes), dispatch_json()).startswith(b"%PDF-1.7")
    assert render_letter(letter_json(**changes), None).startswith(b"%PDF-1.7")


@needs_poppler
def test_a_sign_without_glyph_is_spelled_out() -> None:
    assert "U+1F600" in words(render_letter(letter_json(body="چهره 😀"), dispatch_json()))


def test_signs_are_refused_while_composing() -> None:
    check_printable("نامهٔ شمارهٔ ۱۲ با «می‌رود» – Word 2016 €\n")
    with pytest.raises(UnprintableText, match=r"😀 \(U\+1F600\)") as refusal:
        check_printable("چهره 😀", "subject")
    assert refusal.value.field == "subject"
    assert printable("\u202eالف") == "[U+202E]الف"


@pytest.mark.parametrize(
    ("letter", "dispatch"),
    [
        (b"", None),
        (b"[]", None),
        (b"{}", None),
        (letter_json(template={"name": "letter/9", "sha256": ""}), None),
        (letter_json(body=7), None),
        (letter_json(classification="top_secret"), None),
        (letter_json(reply_due="tomorrow"), None),
        (letter_json(), b"{}"),
        (b"\xff", None),
    ],
)
def test_other_content_fails_by_name(letter: bytes, dispatch: bytes | None) -> None:
    with pytest.raises(RenderFailed) as failure:
        render_letter(letter, dispatch)
    assert failure.value.code == "letter.render-failed"
    assert failure.value.reason


def test_every_sector_has_an_emblem() -> None:
    assert all((FOLDER / "emblems" / f"{name}.svg").is_file() for name in EMBLEMS)
    others = [other for names in EMBLEMS.values() for other in names]
    assert len({*others, *EMBLEMS}) == len(others) + len(EMBLEMS)


def test_the_sheet_is_all_that_is_printed() -> None:
    letter = json.loads(letter_json(subject="نامهٔ 1405/1 و file name.pdf"))
    values = sheet(letter, json.loads(dispatch_json()), "karpusheh.example/verify")
    assert values["subject"] == [
        {"text": "نامهٔ "},
        {"text": "1405/1", "ltr": True},
        {"text": " و "},
        {"text": "file name.pdf", "ltr": True},
    ]
    assert values["attachments"][0]["size"] == "۱٫۲ مگابایت"
    assert values["agency"]["short"] == "وزارت راه و شهرسازی"


def test_the_template_has_a_stable_name_and_hash() -> None:
    assert set(TEMPLATE) == {"name", "sha256"}
    assert dict(TEMPLATE) == dict(LetterTemplate())
    assert re.fullmatch("[0-9a-f]{64}", TEMPLATE["sha256"])


def test_a_dead_process_costs_no_letter() -> None:
    first = render_letter(letter_json(), dispatch_json())
    process = RENDERER._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert render_letter(letter_json(), dispatch_json()) == first


def test_a_letter_that_takes_too_long_fails_and_the_next_one_works() -> None:
    inputs = {"sheet": "{}", "letter": "", "dispatch": "", "qr": ""}
    slow = Renderer(seconds=0.0001)
    try:
        with pytest.raises(RenderFailed, match="within"):
            slow.render(inputs, 0)
        slow.seconds = 20
        with pytest.raises(RenderFailed, match="error"):
            slow.render(inputs, 0)
    finally:
        slow.close()


def test_threads_share_one_process() -> None:
    expected = {n: render_letter(letter_json(subject=f"موضوع {n}"), dispatch_json()) for n in range(4)}
    found: dict[int, bytes] = {}

    def work(number: int) -> None:
        found[number] = render_letter(letter_json(subject=f"موضوع {number}"), dispatch_json())

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_the_process_ends_with_its_parent_and_knows_no_django(tmp_path: Path) -> None:
    code = (
        "import os\nfrom correspondence.typesetting.renderer import RENDERER\n"
        "RENDERER._running()\nprint(RENDERER._process.pid, flush=True)\nos._exit(9)"
    )
    environment = {**os.environ, "KARPUSHEH_DATA": str(tmp_path)}
    parent = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, cwd=FOLDER.parents[2], check=False
    )
    assert parent.returncode == 9, parent.stderr
    child = Path("/proc") / parent.stdout.decode().strip()
    for _ in range(100):
        if not child.exists() or "Z (zombie)" in (child / "status").read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("the typesetting process outlives its parent")
    source = (FOLDER.parent / "compiler.py").read_text()
    assert not re.search(r"^(from|import) (django|correspondence)", source, re.MULTILINE)


def test_accessible_names_of_figures() -> None:
    pdf = render_letter(letter_json(), dispatch_json())
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, DictionaryObject):
            if node.get("/S") == "/Figure":
                found.append(str(node.get("/Alt")))
            children = node.get("/K", [])
            for child in children if isinstance(children, list) else [children]:
                walk(child)

    walk(root(pdf)["/StructTreeRoot"])
    assert "نشانی راستی‌آزمایی این نامه" in found
