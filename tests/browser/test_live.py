"""What happens elsewhere shows on the sender's open page, without loading it anew, also over a killed server."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.world import to

pytestmark = pytest.mark.browser

# Seconds; the bound leaves room for a machine that runs other tests beside this one.
PROMISED, BOUND = 1.0, 3.0
# The instant at which the page shows that many opened deliveries, in ms since 1970.
WATCH = """count => { window.seen = new Promise(done => {
  const look = () => document.querySelectorAll("#deliveries [data-state=opened]").length === count && done(Date.now());
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}); }"""


@pytest.fixture
def letter(desk: Desk) -> str:
    """A sent letter to two citizens who have opened nothing."""
    letter = desk.world.compose("نامه‌ای به دو تن", **to(34, 35))
    desk.world.submit(letter)
    desk.world.send(letter)
    return letter


@pytest.fixture
def clerk(desk: Desk, letter: str) -> Iterator[Page]:
    """The sender's page of the letter, connected."""
    page = desk.of("clerk").new_page()
    page.goto(f"/letters/{letter}/")
    expect(page.locator(".k-live")).to_have_attribute("data-live-state", "on")
    expect(page.locator("#deliveries tbody tr")).to_have_count(2)
    yield page
    page.close()


def open_as(desk: Desk, role: str) -> float:
    """Open the one letter of a reader; the instant at which the server answered, in ms since 1970."""
    page = desk.of(role).new_page()
    page.goto("/inbox/")
    page.locator("#letters a[href^='/inbox/0']").click()
    with page.expect_response(lambda answer: answer.url.endswith("/opening/")) as opening:
        page.locator("form[action$='/opening/'] button").click()
    expect(page.locator("#receipt")).to_be_visible()
    timing: Any = opening.value.request.timing
    page.close()
    return float(timing["startTime"] + timing["responseStart"])


def loads_of(page: Page) -> list[str]:
    """Grows with each document that the page loads from now on."""
    loads: list[str] = []
    page.on("request", lambda asked: loads.append(asked.url) if asked.is_navigation_request() else None)
    return loads


def test_an_opening_shows_by_itself_and_the_page_outlives_its_server(clerk: Page, desk: Desk) -> None:
    loads, live, server = loads_of(clerk), clerk.locator(".k-live"), desk.world.server
    clerk.evaluate(WATCH, 1)
    answered = open_as(desk, "first reader")
    delay = (clerk.evaluate("window.seen") - answered) / 1000
    print(f"the opening showed {delay:.2f} s after it was answered; promised are {PROMISED:.0f} s")  # noqa: T201
    assert delay < BOUND
    expect(clerk.locator("#way li").first).to_contain_text("باز کرد")

    server.kill(signal.SIGKILL)
    expect(live).to_have_attribute("data-live-state", "off")
    expect(live).to_be_visible()
    expect(live).to_contain_text("قطع")
    server.start_again()
    expect(live).to_have_attribute("data-live-state", "on", timeout=30_000)
    clerk.evaluate(WATCH, 2)
    open_as(desk, "second reader")
    clerk.evaluate("window.seen")
    assert loads == []
