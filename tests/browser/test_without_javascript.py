"""A letter's whole journey by clicking what stands on the pages, in browsers that run no script."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from config.demo.people import approver_code, citizen_code, clerk_code
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

SUBJECT = "نامه‌ای بی‌اسکریپت"
# An agency and a citizen of their own, so that no other test's letters stand in their lists.
AGENCY, CITIZEN = 6, 33


Visitor = Callable[[str], Page]


@pytest.fixture
def visitor(desk: Desk) -> Iterator[Visitor]:
    """Signs somebody in, in a browser of their own without scripts; gives the page they come to."""
    with ExitStack() as contexts:

        def enter(national_code: str) -> Page:
            context = contexts.enter_context(desk.fresh("anonymous", java_script_enabled=False))
            return sign_in(context, desk, national_code)

        yield enter


def sign_in(context: BrowserContext, desk: Desk, national_code: str) -> Page:
    """Through the door, by its two forms."""
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="ورود به نامه‌هایم").click()
    page.get_by_label("کد ملی").fill(national_code)
    page.get_by_role("button", name="کد را بفرست").click()
    page.get_by_label("کد یک‌بارمصرف").fill(desk.world.browser("waiting").code_for(national_code))
    page.get_by_role("button", name="ورود به کارپوشه").click()
    expect(page).not_to_have_title(re.compile("کد"))
    return page


def write(page: Page, file: Path) -> None:
    """Compose, save, attach, lay before the approver."""
    page.get_by_role("link", name="نامهٔ تازه").first.click()
    page.get_by_label("کد ملی یا شناسهٔ ملی").fill(citizen_code(CITIZEN))
    page.get_by_label("موضوع").fill(SUBJECT)
    page.get_by_label("متن", exact=True).fill("این متن بی هیچ اسکریپتی نوشته شد.")
    page.get_by_role("button", name="ذخیره").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    page.locator("#attachment-file").set_input_files(file)
    page.locator("#attachments").get_by_role("button", name="پیوست کن").click()
    expect(page.locator("#attachments")).to_contain_text(file.name)
    page.get_by_role("button", name="برای امضا بفرست").click()
    expect(page.locator("main")).to_contain_text("در انتظار امضا")


def sign(page: Page, desk: Desk) -> None:
    """Open what waits, ask for the code, sign with it."""
    page.locator("#tasks").get_by_role("link", name=SUBJECT).click()
    page.get_by_role("button", name="کد امضا را برایم بفرست").click()
    page.get_by_label("کد یک‌بارمصرف").fill(desk.world.browser("waiting").code_for(approver_code(AGENCY)))
    page.get_by_role("button", name="امضا می‌کنم").click()
    expect(page.locator("main")).to_contain_text("امضا شد")


def dispatch(page: Page) -> None:
    """Number and send what was signed."""
    page.get_by_role("link", name="کارتابل").first.click()
    page.locator("#tasks").get_by_role("link", name=SUBJECT).click()
    page.get_by_role("button", name="شماره و فرستادن").click()
    expect(page.locator("main")).to_contain_text("فرستاده شد")


def open_letter(page: Page) -> None:
    """The recipient's act; the letter has to come first, and pages without scripts are looked at anew by hand."""
    entry = page.locator("#letters a[href^='/inbox/0']")
    for _ in range(40):
        if entry.count():
            break
        page.wait_for_timeout(250)
        page.reload()
    entry.click()
    expect(page.locator("main")).not_to_contain_text(SUBJECT)
    page.get_by_role("button", name="نامه را باز می‌کنم").click()
    expect(page.locator("main")).to_contain_text(SUBJECT)


def fetch(page: Page) -> tuple[Path, str]:
    """The proof as a file, and the type of what the link to the PDF answers."""
    with page.context.expect_event("response", lambda answer: answer.url.endswith("letter.pdf")) as pdf:
        page.get_by_role("link", name="PDF مهرشده").click()
    assert pdf.value.status == 200
    with page.expect_download() as proof:
        page.locator("#proof").click()
    return proof.value.path(), pdf.value.headers["content-type"]


def test_a_letter_goes_its_whole_way_without_scripts(desk: Desk, visitor: Visitor, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("پیوست", encoding="utf-8")
    clerk = visitor(clerk_code(AGENCY))
    write(clerk, note)
    sign(visitor(approver_code(AGENCY)), desk)
    dispatch(clerk)
    citizen = visitor(citizen_code(CITIZEN))
    open_letter(citizen)
    proof, kind = fetch(citizen)
    assert kind == "application/pdf"
    # Playwright keeps downloads without their names, by which the verifier knows what they are.
    kept = proof.rename(tmp_path / "proof.asice")
    for name in ("root.pem", "crl.der"):
        desk.world.browser("waiting").download(f"/development/{name}", tmp_path / name)
    trust = ["--trust", str(tmp_path / "root.pem"), "--crl", str(tmp_path / "crl.der")]
    desk.world.server.manage("verify", str(kept), *trust)
