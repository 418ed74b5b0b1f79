"""Everything by the keyboard: the clerk's keys, the way past the bar, and focus that can be seen and goes to mistakes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from config.demo.people import citizen_code
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
OUTLINE = (
    "() => { const style = getComputedStyle(document.activeElement); return style.outlineStyle + style.outlineWidth; }"
)


@pytest.fixture
def desk_page(desk: Desk) -> Iterator[Page]:
    """The clerk's workbasket."""
    page = desk.of("clerk").new_page()
    page.goto("/desk/")
    yield page
    page.close()


def test_j_and_k_move_and_enter_opens(desk_page: Page) -> None:
    rows = desk_page.locator("#desk-list .k-row")
    for key, row in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("k", 0), ("j", 1)):
        desk_page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
        assert desk_page.evaluate(OUTLINE) == "solid3px"
    target = rows.nth(1).get_attribute("href")
    desk_page.keyboard.press("Enter")
    expect(desk_page).to_have_url(re.compile(f"{target}$"))


def test_the_list_of_keys_opens_and_closes(desk_page: Page) -> None:
    desk_page.keyboard.press("Shift+Slash")
    dialog = desk_page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.locator("dt").count() >= 8
    desk_page.keyboard.press("j")
    expect(desk_page.locator("#desk-list .k-row").first).not_to_be_focused()
    desk_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_slash_goes_to_the_search_and_keys_rest_there(desk_page: Page) -> None:
    desk_page.keyboard.press("Slash")
    search = desk_page.locator("#bar-search")
    expect(search).to_be_focused()
    desk_page.keyboard.type("cj")
    expect(search).to_have_value("cj")
    expect(desk_page).to_have_url(re.compile("/desk/$"))


@pytest.mark.parametrize(
    ("keys", "address"),
    [("c", "/letters/new/"), ("g d", r"/desk/\?view=drafts"), ("g i", "/incoming/"), ("g f", "/search/")],
)
def test_keys_go_to_pages(desk_page: Page, keys: str, address: str) -> None:
    for key in keys.split():
        desk_page.keyboard.press(key)
    expect(desk_page).to_have_url(re.compile(f"{address}$"))


@pytest.mark.parametrize(("role", "path"), [("clerk", "/desk/"), ("citizen", "/inbox/"), ("anonymous", "/")])
def test_the_first_stop_leads_past_the_bar(desk: Desk, role: str, path: str) -> None:
    page = desk.of(role).new_page()
    page.goto(path)
    page.keyboard.press("Tab")
    skip = page.locator(".k-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#main') !== null")
    page.close()


@pytest.mark.parametrize(("role", "path"), [("clerk", "/desk/"), ("citizen", "/inbox/"), ("clerk", "/letters/new/")])
def test_focus_can_be_seen_at_every_stop(desk: Desk, role: str, path: str) -> None:
    page = desk.of(role).new_page()
    page.goto(path)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        outline = page.evaluate(OUTLINE)
        assert outline == "solid3px", (outline, page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
    page.close()


def test_a_code_is_typed_at_once_in_any_digits(desk: Desk) -> None:
    national_code = citizen_code(36)
    with desk.fresh("anonymous") as context:
        page = context.new_page()
        page.goto("/sign-in/")
        page.keyboard.type(national_code.translate(PERSIAN_DIGITS))
        page.keyboard.press("Enter")
        cells = page.locator("input[data-cells]")
        expect(cells).to_be_focused()
        page.keyboard.insert_text(desk.world.browser("waiting").code_for(national_code).translate(PERSIAN_DIGITS))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/inbox/$"))


def test_the_code_for_signing_can_be_typed_at_once(desk: Desk) -> None:
    page = desk.of("approver").new_page()
    page.goto(f"/letters/{desk.world.letters['coded']}/approval/")
    expect(page.locator("input[data-cells]")).to_be_focused()
    page.close()


def test_mistakes_take_the_focus_and_lead_to_their_fields(desk: Desk) -> None:
    page = desk.of("clerk").new_page()
    page.goto("/letters/new/")
    page.get_by_label("کد ملی یا شناسهٔ ملی").fill("1234567890")
    page.get_by_label("موضوع").fill("موضوعی که می‌ماند")
    page.keyboard.press("Control+Enter")
    summary = page.locator("main [role=alert][data-focus]")
    expect(summary).to_be_focused()
    expect(page.get_by_label("موضوع")).to_have_value("موضوعی که می‌ماند")
    summary.get_by_role("link").first.click()
    wrong = page.get_by_label("کد ملی یا شناسهٔ ملی")
    expect(wrong).to_be_focused()
    assert wrong.get_attribute("aria-invalid") == "true"
    described = (wrong.get_attribute("aria-describedby") or "").split()
    assert any(page.locator(f"[id='{one}'].k-error").count() for one in described)
    page.close()
