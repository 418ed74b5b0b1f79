"""Browser contexts of the people of the story: signed in once, one context per role and language."""

from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tests.browser.world import World

LAPTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


class Desk:
    """Gives contexts; those asked for again are the same ones."""

    def __init__(self, chromium: Browser, world: World, contexts: ExitStack) -> None:
        self.chromium, self.world, self._contexts = chromium, world, contexts
        self._known: dict[tuple[str, str], BrowserContext] = {}

    def of(self, role: str, language: str = "fa") -> BrowserContext:
        """The context of a role in a language."""
        if (role, language) not in self._known:
            self._known[role, language] = self._contexts.enter_context(self.fresh(role, language))
        return self._known[role, language]

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
