"""The codes of all checks, and for each a sentence for people: when it holds, and when it does not.

Codes are for ever: programs and other documents refer to them. A code of a certificate or signature is "<role>.<what>"
with one of the ROLES before the dot.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class Texts(NamedTuple):
    """A sentence for a check that holds (or is only noted) and one for a check that does not."""

    holds: Promise
    fails: Promise


ROLES: dict[str, Promise] = {
    "seal": _("Seal"),
    "tsa": _("Time-stamp"),
    "archive": _("Archive time-stamp"),
    "log": _("Evidence log"),
}


def _only(text: Promise) -> Texts:
    return Texts(text, text)


# What follows "<role>." in a code.
SIGNATURE_TEXTS: dict[str, Texts] = {
    "structure": Texts(_("the signature is well formed"), _("the signature is malformed")),
    "encoding": _only(_("the signature is not written in the one form that it may have (DER)")),
    "one-signer": _only(_("there is not exactly one signer")),
    "unsigned-attributes": _only(_("the signature carries additions that nobody signed")),
    "weak-digest": _only(_("a broken hash algorithm is used")),
    "content-type": _only(_("the signature is of another kind of content")),
    "signing-certificate": Texts(_("the certificate is bound to the signature"), _("the certificate was exchanged")),
    "digest": Texts(_("the content is what was signed"), _("the content is not what was signed")),
    "algorithm": _only(_("the signature algorithm is not accepted")),
    "signature": Texts(_("the signature was made with this key"), _("the signature was not made with this key")),
    "format": _only(_("a part is unreadable")),
    "origin": _only(_("the checkpoint is of another log")),
    "certificate-origin": Texts(_("the certificate is for this log"), _("the certificate is not for this log")),
    "imprint": Texts(_("the token is for this signature"), _("the token was issued for something else")),
    "weak-imprint": _only(_("a broken hash algorithm is used")),
    "time": Texts(_("the time is proven"), _("the time is not proven")),
    "future": _only(_("the time lies after the time of judgement")),
    "chain": _only(_("the issuer leads to a root that you trust")),
    "not-anchored": _only(_("the issuer was not verified: give the root that you trust")),
    "unknown-root": _only(_("the issuer does not lead to a root that you trust")),
    "rogue-issuer": _only(_("somebody uses the name of a trusted issuer with another key")),
    "strength": _only(_("keys and hashes are strong enough")),
    "weak-hash": _only(_("a certificate was signed with a broken hash algorithm")),
    "weak-key": _only(_("a key is too short")),
    "extension": _only(_("a certificate has a condition that cannot be judged")),
    "validity": _only(_("the certificates were valid at the time of signing")),
    "not-yet-valid": _only(_("a certificate was not yet valid")),
    "expired": _only(_("a certificate had expired")),
    "expired-since": _only(_("the certificate has expired since, and no archive time-stamp was added before")),
    "authority": _only(_("an issuer is not allowed to issue this certificate")),
    "purpose": _only(_("the certificate is meant for this use")),
    "key-usage": _only(_("the key is not meant for this use")),
    "extended-key-usage": _only(_("the certificate is for another purpose")),
    "stray-certificate": _only(_("a certificate that nobody vouches for was added")),
    "revocation": _only(_("the certificate is not on the revocation list")),
    "revocation-not-checked": _only(_("revocation not checked: no revocation list of the issuer was given")),
    "revoked": _only(_("the certificate was revoked")),
    "revoked-later": _only(_("the certificate was revoked after the time of signing")),
    "crl-older": _only(_("the revocation list is older than the signature; look again with a newer one")),
    "crl-stale": _only(_("the revocation list is out of date; get a newer one")),
    "crl-signature": _only(_("the revocation list is not from the issuer")),
    "crl-kind": _only(_("the revocation list is only a part of one")),
}

TEXTS: dict[str, Texts] = {
    "file.readable": _only(_("The file cannot be read")),
    "file.kind": _only(_("This is neither a PDF, nor a detached signature, nor a proof")),
    "file.size": _only(_("The file is too large")),
    "file.time": _only(_("Judging the file takes too long")),
    "file.content-missing": _only(_("The signed content of this detached signature is missing; give it with --data")),
    "time.claimed": _only(_("No time-stamp: the time is only claimed by the signer")),
    "time.unknown": _only(_("The signature names no time")),
    "time.future": _only(_("The claimed time lies after the time of judgement")),
    "pdf.truncated": _only(_("The file was cut short")),
    "pdf.trailing-bytes": _only(_("Something was appended after the sealed bytes")),
    "pdf.encrypted": _only(_("The PDF is encrypted")),
    "pdf.structure": _only(_("The PDF is built in a way that is not accepted")),
    "pdf.unsealed": _only(_("The PDF has no seal")),
    "pdf.one-seal": Texts(_("There is exactly one seal"), _("There is more than one seal, or a hidden one")),
    "pdf.byte-range": Texts(
        _("The seal covers every byte but itself"), _("The seal leaves out bytes that it must cover")
    ),
    "pdf.contents": _only(_("The place of the seal holds no clean signature")),
    "pdf.whole-file": _only(_("The seal covers the whole file")),
    "pdf.later-revisions": _only(_("Validation data or archive time-stamps were added after the seal")),
    "pdf.unchanged": _only(_("Nothing was changed after the seal")),
    "pdf.page-changed": _only(_("A page was changed after the seal")),
    "pdf.annotation-added": _only(_("Something was put over a page after the seal")),
    "pdf.attachment-added": _only(_("An attachment was added or changed after the seal")),
    "pdf.metadata-changed": _only(_("The description of the document was changed after the seal")),
    "pdf.changed-after-seal": _only(_("The file was changed after the seal")),
    "pdf.certification": Texts(_("The seal forbids every change"), _("The seal does not forbid changes")),
    "pdf.not-certified": _only(_("The seal does not forbid changes; they are refused here all the same")),
    "pdf.content": _only(_("Nothing in the PDF can change what it shows")),
    "pdf.optional-content": _only(_("The PDF has layers that can be hidden or shown")),
    "pdf.active-content": _only(_("The PDF holds scripts or actions")),
    "pdf.external-content": _only(_("The PDF shows content from other files")),
    "pdf.attachments": _only(_("An attachment is there twice, or can be taken for another")),
    "pdf.form-fields": _only(_("The PDF has form fields")),
    "letter.incomplete": _only(_("Only one of letter.json and dispatch.json is there")),
    "letter.format": _only(_("letter.json or dispatch.json is in no known format")),
    "letter.canonical": _only(_("letter.json or dispatch.json is not written in its one canonical form (RFC 8785)")),
    "letter.environment": _only(_("letter.json and dispatch.json are not of the same environment")),
    "letter.hash": Texts(_("dispatch.json belongs to letter.json"), _("dispatch.json belongs to another letter")),
    "letter.agency": Texts(_("The agency of the letter made the seal"), _("Another than the agency made the seal")),
    "letter.signatory": Texts(
        _("A signatory of the letter signed it"), _("Somebody who is no signatory of the letter signed it")
    ),
    "letter.embedded": Texts(
        _("The sealed PDF carries the same letter.json and dispatch.json"),
        _("The sealed PDF carries another letter.json or dispatch.json"),
    ),
    "letter.development": _only(_("Made in a development environment: no legal effect")),
    "container.readable": Texts(_("The container is well formed"), _("The container cannot be read")),
    "container.mimetype": _only(_("The container does not begin with its type")),
    "container.size": _only(_("The container holds too much, or expands too far")),
    "container.path": _only(_("A file in the container has a deceptive name")),
    "container.duplicate": _only(_("Two files in the container have the same name")),
    "container.layout": _only(_("The container has parts that only some programs see")),
    "container.unsigned": _only(_("The container has no signature or no manifest")),
    "container.manifest": Texts(_("The signature covers every file, unchanged"), _("The manifest is malformed")),
    "container.manifest-target": _only(_("The manifest refers to another signature")),
    "container.missing": _only(_("A signed file is missing")),
    "container.unsigned-file": _only(_("A file was added that nobody signed")),
    "container.digest": _only(_("A file was replaced")),
    "proof.incomplete": _only(_("A part of the proof is missing")),
    "proof.foreign-run": _only(_("The proof holds a run that the letter does not belong to")),
    "run.format": _only(_("run.json is no signed run")),
    "run.hash": Texts(_("The letter is a row of this run"), _("The letter is not a row of this run")),
    "run.content": Texts(
        _("The letter says what was approved for the run, with its own values"),
        _("The letter says something else than what was approved for the run"),
    ),
    "run.signatory": Texts(
        _("Letter and run were signed by the same person"), _("Letter and run were signed by different people")
    ),
    "evidence.format": _only(_("The evidence is in no known format")),
    "evidence.tree-size": _only(_("The evidence is of another size of the log than the checkpoint")),
    "evidence.commitment": _only(_("The facts are not those that the log committed to")),
    "evidence.inclusion": Texts(_("Every event is in the evidence log"), _("An event is not in the evidence log")),
    "evidence.time": Texts(_("No event is later than the proof"), _("An event is later than the proof")),
    "evidence.order": Texts(_("The events are in a possible order"), _("The order of events is impossible")),
    "evidence.subject": Texts(_("The events are of this letter"), _("An event is of another letter")),
    "evidence.repeated": _only(_("An event is told twice")),
    "evidence.incomplete": _only(_("Approval, dispatch or delivery is missing among the events, or told twice")),
    "evidence.facts": Texts(
        _("The events tell the same hashes, number and time as the files"),
        _("An event tells another hash, number or time than the files"),
    ),
    "evidence.deposited": _only(_("The letter was put into the mailbox")),
    "evidence.opened": _only(_("The letter was opened by its recipient")),
    "evidence.not-opened": _only(_("Nothing here says that the letter was opened")),
}


def describe(code: str, *, failed: bool) -> str:
    """The sentence for a check in the active language; the code itself when it has none."""
    role, _dot, rest = code.partition(".")
    if role in ROLES and rest in SIGNATURE_TEXTS:
        texts = SIGNATURE_TEXTS[rest]
        return str(format_lazy("{}: {}", ROLES[role], texts.fails if failed else texts.holds))
    texts = TEXTS.get(code, Texts(_("Unknown check"), _("Unknown check")))
    return str(texts.fails if failed else texts.holds)
