"""An example for every address: who looks at it, and at what. A new route fails until it has one here."""

from dataclasses import dataclass

from django.urls import reverse

from tests.browser.world import World

# Addresses that only take a form; other tests press their buttons.
ACTS = {
    "sign_out",
    "set_language",
    "attachment_add",
    "attachment_remove",
    "recipients_upload",
    "letter_submission",
    "letter_return",
    "letter_approval_code",
    "letter_dispatch",
    "incoming_registration",
    "notice_opening",
    "handoff_retry",
}


@dataclass(frozen=True)
class Example:
    """A route with the person who looks.

    `of` fills the route: `letter_id=sent` takes the letter "sent" of the world. `status` is what the page answers.
    """

    route: str
    role: str
    of: str = ""
    query: str = ""
    status: int = 200

    def path(self, world: World) -> str:
        """The address on the running server."""
        pairs = [pair.partition("=") for pair in self.of.split() if pair]
        path = reverse(self.route, kwargs={name: world.letters.get(value, value) for name, _, value in pairs})
        return f"{path}?{self.query}" if self.query else path

    def __str__(self) -> str:
        words = (self.route, self.role, self.of.rpartition("=")[2], self.query.replace("=", "-"))
        return ":".join(word for word in words if word)


NOBODYS = "00000000-0000-7000-8000-000000000007"

PAGES = (
    Example("start", "anonymous"),
    Example("sign_in", "anonymous"),
    Example("sign_in_code", "waiting"),
    Example("verify_code", "anonymous"),
    Example("verify_code", "citizen"),
    Example("verify_code", "clerk"),
    Example("verify_code", "anonymous", query="code=12"),
    Example("verify_code_of", "anonymous", "code=code"),
    Example("verify_code_of", "anonymous", "code=K7QM4TXD9R2F"),
    Example("inbox", "citizen"),
    Example("inbox", "citizen", query="view=unopened"),
    Example("inbox", "newcomer"),
    Example("notice", "citizen", "notice_id=summons"),
    Example("notice", "citizen", "notice_id=bill"),
    Example("notice", "citizen", "notice_id=opened"),
    Example("notice", "citizen", "notice_id=served"),
    Example("notice", "citizen", f"notice_id={NOBODYS}", status=404),
    Example("search", "citizen"),
    Example("search", "citizen", query="q=مالیات"),
    Example("search", "citizen", query="q=ناپیدا"),
    Example("search", "clerk", query="q=مالیات"),
    Example("desk", "clerk"),
    Example("desk", "clerk", query="view=drafts"),
    Example("desk", "clerk", query="view=sent"),
    Example("desk", "approver"),
    Example("desk", "approver", query="view=to_sign"),
    Example("desk", "citizen", status=403),
    Example("letter_new", "clerk"),
    Example("letter_edit", "clerk", "letter_id=draft"),
    Example("letter", "clerk", "letter_id=sent"),
    Example("letter", "clerk", "letter_id=submitted"),
    Example("letter", "approver", "letter_id=submitted"),
    Example("letter", "clerk", "letter_id=approved"),
    Example("letter", "clerk", "letter_id=run"),
    Example("letter_approval", "approver", "letter_id=submitted"),
    Example("letter_approval", "approver", "letter_id=coded"),
    Example("incoming", "secretariat"),
    Example("incoming", "clerk"),
    Example("incoming_letter", "secretariat", "notice_id=unregistered"),
    Example("incoming_letter", "secretariat", "notice_id=registered"),
    Example("operations", "administrator"),
    Example("operations", "clerk", status=403),
    Example("development_codes", "anonymous"),
    Example("components", "anonymous"),
    Example("components", "clerk", query="desk=staff"),
)

# Files and data: they are fetched, not looked at.
FILES = (
    Example("letter_pdf", "clerk", "letter_id=sent"),
    Example("letter_preview", "clerk", "letter_id=draft"),
    Example("letter_attachment", "clerk", "letter_id=sent attachment_id=attachment_sent"),
    Example("letter_result", "clerk", "letter_id=run"),
    Example("notice_pdf", "citizen", "notice_id=opened"),
    Example("notice_attachment", "citizen", "notice_id=opened attachment_id=attachment_received"),
    Example("notice_proof", "citizen", "notice_id=opened"),
    Example("development_people", "anonymous"),
    Example("development_pki", "anonymous", "name=root.pem"),
)
