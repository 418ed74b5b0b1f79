"""One server with letters in every state and one Chromium, for all tests of this folder.

Both live as long as the folder's tests run, not longer: while Playwright's loop runs in this thread, Django refuses the
database to the tests of other folders.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from tests.browser.desk import Desk  # noqa: E402
from tests.browser.world import World, build_world  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser, or a skip that says what is missing."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here (chromium or google-chrome on the PATH)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def world(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The server and its letters. Asks for the browser first, so that nothing is started in vain."""
    folder = tmp_path_factory.mktemp("browser")
    with build_world(ROOT, folder) as world:
        yield world


@pytest.fixture(scope="package")
def desk(chromium: Browser, world: World) -> Iterator[Desk]:
    """Pages of the people of the story, signed in."""
    with ExitStack() as contexts:
        yield Desk(chromium, world, contexts)
