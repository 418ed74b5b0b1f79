"""The main job on real input, done from outside: `./run journey [FOLDER]`.

This program knows nothing of the project's code. It starts the server as a process of its own and then uses HTTP,
WebSocket and files only, as any client could. It prints each step with its time, writes what came of it to `journey/`
in the data folder, and ends with a code other than 0 when a step fails. README.md in examples/journey describes FOLDER.
"""

import argparse
import csv
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from journey_client import Browser, Failed, Listening, Server
from journey_folder import LetterFolder, read_folder
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("KARPUSHEH_DATA", ROOT / "var")).resolve()
console = Console(highlight=False)


class Journey:
    """One walk of a letter through the system; each method is one step and leaves its result for the next."""

    def __init__(self, folder: LetterFolder, server: Server, out: Path) -> None:
        self.folder, self.server, self.out = folder, server, out
        self.clerk, self.approver, self.recipient = (Browser(server.url) for _ in range(3))
        self.letter = ""
        self.rows: list[dict[str, str]] = []
        self.notice = ""
        self.opening_delay = 0.0

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """What happens, in order."""
        return [
            ("the clerk signs in", self.clerk_signs_in),
            ("compose the letter", self.compose),
            ("attach the files", self.attach),
            ("add the recipients", self.add_recipients),
            ("lay it before the approver", self.submit),
            ("the approver signs, with a one-time code", self.sign),
            ("dispatch, and deliver to everyone", self.dispatch),
            ("the letter has its sealed PDF", self.fetch_sealed_letter),
            ("each row has its result", self.fetch_results),
            ("a recipient signs in and opens; the clerk's socket hears of it", self.open_as_recipient),
            ("the proof is issued", self.fetch_proof),
            ("search finds the letter by words inside its attachments", self.search),
            ("the files verify, offline", self.verify),
            ("the evidence log is whole", self.verify_log),
        ]

    def clerk_signs_in(self) -> str:
        person = self._staff("clerk")
        self.clerk.sign_in(person["national_code"])
        return f"{person['name']}، {person['agency_name']}"

    def compose(self) -> str:
        page = self.clerk.submit("/letters/new/", self.folder.form_fields(self._staff("clerk")["agency_id"]))
        self.letter = page.url.path.split("/")[2]
        if page.url.path != f"/letters/{self.letter}/edit/":
            raise Failed(f"the draft was not accepted: {Browser.complaints(page)}")
        return self.folder.subject

    def attach(self) -> str:
        for path in self.folder.attachments:
            with path.open("rb") as file:
                page = self.clerk.upload(self._edit, f"/letters/{self.letter}/attachments/", file, path.name)
            if path.name not in page.text and path.stem not in page.text:
                raise Failed(f"{path.name} was refused: {Browser.complaints(page)}")
        return f"{len(self.folder.attachments)} files"

    def add_recipients(self) -> str:
        if self.folder.recipients is None:
            return "named in the letter"
        with self.folder.recipients.open("rb") as file:
            page = self.clerk.upload(
                self._edit, f"/letters/{self.letter}/recipients/", file, self.folder.recipients.name
            )
        if page.status_code != 200:
            raise Failed(f"the list was refused: {Browser.complaints(page)}")
        self._read_results()
        refused = sum(row["result"] == "refused" for row in self.rows)
        return f"{len(self.rows)} rows, {refused} of them refused"

    def submit(self) -> str:
        page = self.clerk.submit(self._edit, {"then": "submission"})
        if page.url.path != f"/letters/{self.letter}/":
            raise Failed(f"not accepted: {Browser.complaints(page)}")
        return ""

    def sign(self) -> str:
        person = self._staff("approver")
        self.approver.sign_in(person["national_code"])
        page = f"/letters/{self.letter}/approval/"
        self.approver.act(page, f"{page}code/")
        code = self.approver.code_for(person["national_code"])
        signed = self.approver.submit(page, {"code": code})
        if signed.url.path != f"/letters/{self.letter}/":
            raise Failed(f"not signed: {Browser.complaints(signed)}")
        return person["name"]

    def dispatch(self) -> str:
        accepted = sum(row["result"] != "refused" for row in self.rows) + self.folder.named
        page = f"/letters/{self.letter}/"
        with self._listening(page) as socket, _bar("delivered", accepted) as advance:
            self.clerk.act(page, f"{page}dispatch/")
            kinds = {"run.deposited": 1, "letter.sealed": 1}
            for news in socket.news(f"letter:{self.letter}", seconds=60 + accepted / 50):
                advance(news["kind"] in {"notice.deposited", "notice.undeliverable"})
                kinds.pop(news["kind"], None)
                if not kinds:
                    break
        return f"{accepted} recipients"

    def fetch_sealed_letter(self) -> str:
        pdf = self.clerk.download(f"/letters/{self.letter}/letter.pdf", self.out / "letter-office-copy.pdf")
        return f"{pdf / 1000:.0f} kB"

    def fetch_results(self) -> str:
        self._read_results()
        self.clerk.download(f"/letters/{self.letter}/result.csv", self.out / "result.csv")
        unfinished = [row for row in self.rows if row["result"] not in {"accepted", "refused"}]
        if unfinished:
            raise Failed(f"{len(unfinished)} rows have no result, the first is line {unfinished[0]['line']}")
        silent = [row for row in self.rows if row["result"] == "refused" and not row["reason"]]
        if silent:
            raise Failed(f"line {silent[0]['line']} was refused without a reason")
        accepted = sum(row["result"] == "accepted" for row in self.rows)
        return f"{accepted} accepted, {len(self.rows) - accepted} refused with their reasons"

    def open_as_recipient(self) -> str:
        kind, identifier = self._choose_recipient()
        if kind == "agency":
            self.recipient.sign_in(self._staff("clerk", identifier)["national_code"])
            listing, act = "/incoming/", "registration"
        else:
            self.recipient.sign_in(identifier)
            listing, act = "/inbox/", "opening"
        page = self._find_notice(listing)
        before = self.recipient.get(page).text
        if self.folder.first_words and self.folder.first_words in before:
            raise Failed("the text can be read before the letter was opened")
        with self._listening(f"/letters/{self.letter}/") as socket:
            asked = self.clerk.requests
            self.recipient.act(page, f"{page}{act}/")
            opened = time.monotonic()
            for news in socket.news(f"letter:{self.letter}", seconds=5):
                if news["kind"] == "notice.opened":
                    break
            self.opening_delay = time.monotonic() - opened
            if self.clerk.requests != asked:
                raise Failed("the clerk's page fetched the receipt by a request")
        return f"the receipt came {self.opening_delay * 1000:.0f} ms after the opening was answered"

    def fetch_proof(self) -> str:
        base = f"/inbox/{self.notice}/"
        size = self.recipient.download(f"{base}letter.pdf", self.out / "letter.pdf")
        waited = self.recipient.download_when_ready(f"{base}proof.asice", self.out / "proof.asice", seconds=10)
        for name in ("root.pem", "crl.der"):
            self.recipient.download(f"/development/{name}", self.out / name)
        return f"letter.pdf {size / 1000:.0f} kB; the proof was there after {waited:.1f} s"

    def search(self) -> str:
        found = []
        for word in [*self.folder.find, self.folder.subject_word]:
            for browser in (self.clerk, self.recipient):
                browser.wait_until_found(word, {self.letter, self.notice}, seconds=10)
            found.append(word)
        return "، ".join(found)

    def verify(self) -> str:
        files = [str(self.out / name) for name in ("letter.pdf", "proof.asice")]
        trust = ["--trust", str(self.out / "root.pem"), "--crl", str(self.out / "crl.der")]
        return self.server.manage("verify", *files, *trust, last_line=True)

    def verify_log(self) -> str:
        return self.server.manage("verify_log", last_line=True)

    @property
    def _edit(self) -> str:
        return f"/letters/{self.letter}/edit/"

    def _listening(self, page: str) -> Listening:
        return Listening(self.server.url, self.clerk.cookies(), after=self.clerk.live_seq(page))

    def _staff(self, right: str, agency: str = "") -> dict[str, str]:
        return self.server.staff(right, agency or self.folder.agency)

    def _read_results(self) -> None:
        text = self.clerk.get(f"/letters/{self.letter}/result.csv").content.decode("utf-8-sig")
        self.rows = list(csv.DictReader(io.StringIO(text)))

    def _choose_recipient(self) -> tuple[str, str]:
        people = [
            row["identifier"] for row in self.rows if row["result"] == "accepted" and len(row["identifier"]) == 10
        ]
        if people:
            return "person", people[len(people) // 2]
        if self.folder.named_people:
            return "person", self.folder.named_people[0]
        agencies = self.server.agencies()
        for identifier in self.folder.named_others:
            if identifier in agencies:
                return "agency", identifier
        raise Failed(
            "nobody among the recipients can open a letter here: neither a person nor an agency of this system"
        )

    def _find_notice(self, listing: str) -> str:
        notice = self.recipient.newest_link(listing, seconds=10)
        self.notice = notice.split("/")[2]
        return notice


@contextmanager
def _bar(label: str, total: int) -> Iterator[Callable[[bool], None]]:
    columns = (TextColumn("    {task.description}"), BarColumn(bar_width=36), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(label, total=total)
        yield lambda counts: progress.advance(task, 1 if counts else 0)


def _walk(journey: Journey) -> None:
    steps = journey.steps()
    for number, (title, step) in enumerate(steps, 1):
        started = time.monotonic()
        console.print(f"[bold]{number:>2}/{len(steps)}[/] {title}")
        detail = step()
        console.print(f"      [green]✓[/] {time.monotonic() - started:6.2f} s  {detail}")


def main(arguments: list[str]) -> int:
    """The exit code: 0 when every step succeeded."""
    parser = argparse.ArgumentParser(prog="./run journey", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "examples" / "journey")
    options = parser.parse_args(arguments)
    out = DATA / "journey"
    started = time.monotonic()
    try:
        folder = read_folder(options.folder)
        out.mkdir(parents=True, exist_ok=True)
        with Server(ROOT, DATA, out / "server.log") as server:
            console.print(f"      server at {server.url}, data in {DATA}")
            _walk(Journey(folder, server, out))
    except Failed as reason:
        console.print(f"      [red]✗ {reason}[/]")
        return 1
    except KeyboardInterrupt:
        console.print("      stopped")
        return 130
    files = "، ".join(sorted(path.name for path in out.iterdir()))
    console.print(f"[bold green]The journey is complete[/] in {time.monotonic() - started:.1f} s: {out}: {files}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
