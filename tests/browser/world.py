"""A real server and, made through its own pages, a letter in every state that a page can show."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from journey_client import Browser, Failed, Server

from config.demo.people import approver_code, citizen_code, clerk_code

SENDER, RECEIVER = 0, 3
PEOPLE = {
    "clerk": clerk_code(SENDER),
    "approver": approver_code(SENDER),
    "secretariat": clerk_code(RECEIVER),
    "citizen": citizen_code(2),
    "newcomer": citizen_code(30),
    "first reader": citizen_code(34),
    "second reader": citizen_code(35),
}
# The approver of an agency is its administrator, too.
PEOPLE["administrator"] = PEOPLE["approver"]
ATTACHMENT = "یادداشت برگه‌ها.txt"
Answer = TypeVar("Answer")


@dataclass
class World:
    """The running server, the browsers that made the letters (by role), and the letters by what they are an example of."""

    server: Server
    people: dict[str, Browser] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Someone whose national code is typed and whose code has not come yet.
        self.people["waiting"] = Browser(self.url)
        self.people["waiting"].submit("/sign-in/", {"national_code": citizen_code(31)})

    @property
    def url(self) -> str:
        """The server's address without a slash."""
        return self.server.url

    def cookies(self, role: str) -> str:
        """The session of a role, signed in once; none for `anonymous`."""
        if role == "anonymous":
            return ""
        return self.browser(role).cookies()

    def browser(self, role: str) -> Browser:
        """The browser without scripts of a role."""
        same = next((known for known in self.people if PEOPLE.get(known) == PEOPLE.get(role)), role)
        if same not in self.people:
            self.people[same] = Browser(self.url)
            self.people[same].sign_in(PEOPLE[same])
        return self.people[same]

    def compose(self, subject: str, **more: str) -> str:
        """A draft of the sending agency; returns its id. `more` are fields of the composer."""
        page = self.browser("clerk").submit("/letters/new/", {**_letter(), **more, "subject": subject})
        return found(r"^/letters/([0-9a-f-]{36})/edit/", page.url.path)

    def submit(self, letter: str) -> None:
        """Lay a draft before the approver."""
        page = self.browser("clerk").submit(f"/letters/{letter}/edit/", {"then": "submission"})
        if page.url.path != f"/letters/{letter}/":
            raise Failed(f"not laid before the approver: {Browser.complaints(page)}")

    def sign(self, letter: str) -> None:
        """Sign a submitted letter with the code that was sent for it."""
        approver, page = self.browser("approver"), f"/letters/{letter}/approval/"
        approver.act(page, f"{page}code/")
        approver.submit(page, {"code": approver.code_for(PEOPLE["approver"])})

    def send(self, letter: str) -> None:
        """Sign a submitted letter and send it; waits until it is sealed."""
        self.sign(letter)
        self.browser("clerk").act(f"/letters/{letter}/", f"/letters/{letter}/dispatch/")
        self.wait(lambda: f"/letters/{letter}/letter.pdf" in self.browser("clerk").get(f"/letters/{letter}/").text)

    def notice(self, role: str, subject: str, *, listing: str = "inbox") -> str:
        """The notice of a recipient with this text in its list. Waits up to 20 s. Raises Failed."""
        return self.wait(lambda: self._listed(self.browser(role).get(f"/{listing}/").text, listing, subject))

    @staticmethod
    def _listed(page: str, listing: str, subject: str) -> str:
        # Each entry is one article or list item; senders and subjects stand inside with the link.
        for entry in re.split(r"<article|<li", page):
            if subject in entry and (match := re.search(rf"/{listing}/([0-9a-f-]{{36}})/", entry)):
                return match.group(1)
        return ""

    @staticmethod
    def wait(ask: Callable[[], Answer], seconds: float = 30) -> Answer:
        """Ask until the answer is true in Python's sense. Raises Failed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = ask()
            if answer:
                return answer
            time.sleep(0.2)
        raise Failed("what was waited for did not come")


def found(pattern: str, text: str) -> str:
    """The first group of a pattern. Raises Failed."""
    match = re.search(pattern, text)
    if match is None:
        raise Failed(f"{pattern} is not in {text[:200]!r}")
    return match.group(1)


@contextmanager
def build_world(root: Path, folder: Path) -> Iterator[World]:
    """Start the server on a new data folder and write the letters."""
    with Server(root, folder / "data", folder / "server.log") as server:
        world = World(server)
        _write_letters(world)
        yield world


def _write_letters(world: World) -> None:
    clerk = world.browser("clerk")
    sent = world.compose("پاسخ به پرسش دربارهٔ برگهٔ مالیاتی")
    clerk_page = f"/letters/{sent}/edit/"
    note = world.server.data / "note.txt"
    note.write_text("نقشهٔ پیوست پلاک ۱۲۳/۴۵ است.", encoding="utf-8")
    with note.open("rb") as file:
        clerk.upload(clerk_page, f"/letters/{sent}/attachments/", file, ATTACHMENT)
    world.submit(sent)
    world.send(sent)
    draft = world.compose("دعوت به نشست بررسی")
    with note.open("rb") as file:
        clerk.upload(f"/letters/{draft}/edit/", f"/letters/{draft}/attachments/", file, ATTACHMENT)
    submitted = world.compose("ابلاغ تمدید مهلت")
    world.submit(submitted)
    approved, coded = world.compose("صورت‌جلسهٔ تحویل"), world.compose("پاسخ به استعلام")
    for letter in (approved, coded):
        world.submit(letter)
    world.sign(approved)
    world.browser("approver").act(f"/letters/{coded}/approval/", f"/letters/{coded}/approval/code/")
    run = _write_run(world)
    world.letters |= {"sent": sent, "draft": draft, "submitted": submitted, "run": run}
    world.letters |= {"approved": approved, "coded": coded}
    _read_letters(world)


def _write_run(world: World) -> str:
    run = world.compose("یادآوری سررسید {{نام و نام خانوادگی}}", **to())
    rows = world.server.data / "list.csv"
    lines = [f"{citizen_code(n)},گیرندهٔ شمارهٔ {n},{n}00000" for n in range(12, 24)]
    rows.write_text("\n".join(["کد ملی,نام و نام خانوادگی,مبلغ", *lines, "1234567890,نادرست,1"]), encoding="utf-8")
    with rows.open("rb") as file:
        world.browser("clerk").upload(f"/letters/{run}/edit/", f"/letters/{run}/recipients/", file, "list.csv")
    world.submit(run)
    world.send(run)
    return run


def _read_letters(world: World) -> None:
    """Open what has to be open, and leave the rest."""
    citizen, secretariat = world.browser("citizen"), world.browser("secretariat")
    opened = world.notice("citizen", "سازمان امور مالیاتی نمونه")
    world.letters["opened"] = opened
    citizen.act(f"/inbox/{opened}/", f"/inbox/{opened}/opening/")
    page = citizen.get(f"/inbox/{opened}/").text
    world.letters["attachment_received"] = found(rf"/inbox/{opened}/attachments/([0-9a-f-]{{36}})/", page)
    world.letters["code"] = found(r"/verify/([0-9A-Z]{12})/", page)
    sent = world.letters["sent"]
    page = world.browser("clerk").get(f"/letters/{sent}/").text
    world.letters["attachment_sent"] = found(rf"/letters/{sent}/attachments/([0-9a-f-]{{36}})/", page)
    world.letters["summons"] = world.notice("citizen", "دادگستری")
    world.letters["bill"] = world.notice("citizen", "توزیع برق")
    served = world.notice("citizen", "برگ تشخیص")
    citizen.act(f"/inbox/{served}/", f"/inbox/{served}/opening/")
    world.letters["served"] = served
    registered = world.notice("secretariat", "سازمان امور مالیاتی نمونه", listing="incoming")
    secretariat.act(f"/incoming/{registered}/", f"/incoming/{registered}/registration/")
    world.letters["registered"] = registered
    world.letters["unregistered"] = world.notice("secretariat", "دادگستری", listing="incoming")
    citizen.download_when_ready(f"/inbox/{opened}/proof.asice", world.server.data / "proof.asice", seconds=20)


def to(*citizens: int) -> dict[str, str]:
    """The composer's lines for addressees of the demonstration."""
    lines = {"addressee-TOTAL_FORMS": str(len(citizens)), "addressee-INITIAL_FORMS": "0"}
    for line, citizen in enumerate(citizens):
        lines |= {f"addressee-{line}-role": "to", f"addressee-{line}-identifier": citizen_code(citizen)}
    return lines


def _letter() -> dict[str, str]:
    """The composer's fields for a letter to the citizen."""
    return {
        "salutation": "با سلام و احترام؛",
        "body": "به آگاهی می‌رساند که **پروندهٔ شما** بررسی شد.\n\n| شرح | مبلغ |\n| --- | ---: |\n| مانده | ۱۲٬۰۰۰ |",
        "notice_kind": "letter",
        "priority": "urgent",
        "classification": "unclassified",
        "reply_due": "",
        "relation-TOTAL_FORMS": "0",
        "relation-INITIAL_FORMS": "0",
        **to(2),
    }
