"""Browser contexts of the people of the story: signed in once, one context per role and language."""

from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.world import World

LAPTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# Chromium's PDF viewer is an extension of its own.
OF_THE_BROWSER = ("data:", "blob:", "chrome-extension://", "chrome://")


class Desk:
    """Gives contexts; those asked for again are the same ones."""

    def __init__(self, chromium: Browser, world: World, contexts: ExitStack) -> None:
        self.chromium, self.world, self._contexts = chromium, world, contexts
        self._known: dict[tuple[str, str], BrowserContext] = {}
        self._pages: dict[tuple[str, str], tuple[Page, list[str]]] = {}

    def of(self, role: str, language: str = "fa") -> BrowserContext:
        """The context of a role in a language."""
        if (role, language) not in self._known:
            self._known[role, language] = self._contexts.enter_context(self.fresh(role, language))
        return self._known[role, language]

    def listening(self, role: str, language: str) -> tuple[Page, list[str]]:
        """One page for many addresses, which is twice as fast, and what it has to complain of, empty at first.

        That is: what it says to the console, scripts that fail, and requests to anybody but our server.
        """
        if (role, language) not in self._pages:
            page, noise = self.of(role, language).new_page(), list[str]()
            page.on("console", lambda said: noise.append(f"{said.type}: {said.text} ({said.location['url']})"))
            page.on("pageerror", lambda error: noise.append(f"script: {error}"))
            page.on("request", lambda asked: self._note_stranger(asked.url, noise))
            page.on("websocket", lambda opened: self._note_stranger(opened.url, noise))
            self._pages[role, language] = page, noise
        page, noise = self._pages[role, language]
        noise.clear()
        return page, noise

    def _note_stranger(self, address: str, noise: list[str]) -> None:
        ours = (self.world.url, self.world.url.replace("http", "ws", 1), *OF_THE_BROWSER)
        if not address.startswith(ours):
            noise.append(f"asked {address}")

    def fresh(self, role: str, language: str = "fa", **options: Any) -> BrowserContext:
        """A context of its own, which the caller closes. `options` are those of Playwright's new_context."""
        context = self.chromium.new_context(
            base_url=self.world.url, **{"viewport": LAPTOP, "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(20_000)
        pairs = [pair.partition("=") for pair in self.world.cookies(role).split("; ") if pair]
        named = {name: value for name, _, value in pairs} | {"karpusheh_language": language}
        context.add_cookies([{"name": name, "value": value, "url": self.world.url} for name, value in named.items()])
        return context
