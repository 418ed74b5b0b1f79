"""A server that is killed and started again: the page resumes from its cursor, hears all and nothing twice."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from journey_client import Browser, Listening, Server  # noqa: E402

EMPTY = {
    "addressee-TOTAL_FORMS": "0",
    "addressee-INITIAL_FORMS": "0",
    "relation-TOTAL_FORMS": "0",
    "relation-INITIAL_FORMS": "0",
    "notice_kind": "letter",
    "priority": "normal",
    "classification": "unclassified",
}


def drafts(clerk: Browser, agency_id: str, count: int) -> set[str]:
    """Begin letters; returns their ids."""
    pages = [clerk.submit("/letters/new/", EMPTY | {"agency": agency_id, "subject": f"نامهٔ {n}"}) for n in range(count)]
    return {page.url.path.split("/")[2] for page in pages}


def hear(url: str, cookies: str, after: int, letters: set[str]) -> Iterator[int]:
    """The places of the news until each of the letters was heard of once."""
    wanted = set(letters)
    with Listening(url, cookies, after=after) as socket:
        for news in socket.everything(seconds=10):
            kind, _, letter = news["topic"].partition(":")
            if kind == "letter" and letter in letters:
                assert letter in wanted, "heard twice"
                wanted.discard(letter)
                yield news["seq"]
            if not wanted:
                return


def test_a_page_resumes_after_the_server_was_killed(tmp_path: Path) -> None:
    with Server(ROOT, tmp_path, tmp_path / "first.log") as server:
        person = server.staff("clerk", "")
        clerk = Browser(server.url)
        clerk.sign_in(person["national_code"])
        start = clerk.live_seq("/desk/")
        places = list(hear(server.url, clerk.cookies(), start, drafts(clerk, person["agency_id"], 3)))
        unheard = drafts(clerk, person["agency_id"], 2)
        server.kill(signal.SIGKILL)
    with Server(ROOT, tmp_path, tmp_path / "second.log") as server:
        again = Browser(server.url, cookies=clerk.cookies())
        unheard |= drafts(again, person["agency_id"], 2)
        places += hear(server.url, again.cookies(), places[-1], unheard)
    assert places == sorted(set(places))
    assert len(places) == 7
