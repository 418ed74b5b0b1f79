"""Only the button opens a notice: neither lists nor browsers that run ahead, nor programs that look at addresses."""

import pytest
from playwright.sync_api import Page

from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

PREFETCH = """address => Promise.all(["prefetch", "prerender", "preload"].map(kind => new Promise(done => {
  const link = document.createElement("link");
  Object.assign(link, { rel: kind, href: address, as: "fetch", onload: done, onerror: done });
  document.head.append(link);
  setTimeout(done, 1500);
})))"""


def look_at_list(page: Page, address: str) -> None:
    page.goto("/inbox/")
    page.goto("/inbox/?view=unopened")
    link = page.locator(f"a[href='{address}']")
    link.hover()
    link.focus()
    page.wait_for_timeout(300)


def run_ahead(page: Page, address: str) -> None:
    page.goto("/inbox/")
    for more in ("", "opening/", "letter.pdf"):
        page.evaluate(PREFETCH, f"{address}{more}")


def only_ask(page: Page, address: str) -> None:
    for more in ("", "opening/", "letter.pdf", "proof.asice"):
        page.request.head(f"{address}{more}")
        page.request.get(f"{address}{more}", headers={"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"})


def post_from_elsewhere(page: Page, address: str) -> None:
    """Without the form's token, as another site would."""
    assert page.request.post(f"{address}opening/", headers={"Origin": "https://elsewhere.example"}).status == 403


def print_it(page: Page, address: str) -> None:
    page.goto(address)
    page.emulate_media(media="print")
    page.pdf()
    page.emulate_media(media="screen")


@pytest.mark.parametrize("deed", [look_at_list, run_ahead, only_ask, post_from_elsewhere, print_it])
def test_it_stays_unopened(deed: object, desk: Desk) -> None:
    assert callable(deed)
    notice = desk.world.letters["bill"]
    page = desk.of("citizen").new_page()
    try:
        deed(page, f"/inbox/{notice}/")
        page.goto(f"/inbox/{notice}/")
        assert page.locator(f"form[action='/inbox/{notice}/opening/'] button").is_visible()
        assert page.locator("#receipt").count() == 0
    finally:
        page.close()
