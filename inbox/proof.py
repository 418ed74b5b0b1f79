"""The proof of a notice: one ASiC-E file that anyone can check without trusting this system.

It holds what was signed, the signatures, the sealed PDF, the evidence of every step with its place in the public
log, and a page that says how to check each part with common tools.
"""

from datetime import datetime
from importlib.resources import files

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from inbox.models import Notice
from inbox.selectors import run_files, signed_files
from inbox.services import sealed_notice_pdf
from signing.canonical import canonical
from signing.evidence.models import Event
from signing.evidence.proofs import export_events
from signing.services import log_certificate, seal_container

_OF_LETTER = ("letter.approved", "letter.dispatched", "letter.sealed")


def proof_of(notice: Notice, *, at: datetime) -> bytes:
    """The proof container of a notice (ASiC-E with CAdES, ETSI EN 319 162-1), built anew at each call.

    Raises NotYetPublished until every event of the notice stands under a published checkpoint (≤ 2 s), and what
    `sealed_notice_pdf` raises.
    """
    letter_json, signature, dispatch_json = signed_files(notice)
    run = run_files(notice)
    events, checkpoint = export_events(events_of_notice(notice))
    log_pem = x509.load_der_x509_certificate(log_certificate()).public_bytes(Encoding.PEM)
    return seal_container(
        {
            "letter.json": letter_json,
            "letter.json.p7s": signature,
            **({"run.json": run[0], "run.json.p7s": run[1]} if run else {}),
            "dispatch.json": dispatch_json,
            "letter.pdf": sealed_notice_pdf(notice, at=at),
            "events.json": canonical(events),
            "checkpoint.txt": checkpoint.encode(),
            "log.pem": log_pem,
            "README.txt": files("inbox").joinpath("proof_readme.txt").read_bytes(),
        },
        at=at,
    )


def is_provable(notice: Notice) -> bool:
    """Whether every event of the notice stands in the published log by now, so that its proof can be made. Two queries."""
    return all(event.index is not None for event in events_of_notice(notice))


def events_of_notice(notice: Notice) -> list[Event]:
    """The notice's own events and those of its letter that concern every recipient, in the order of the log."""
    own = Event.objects.filter(subject=notice.id)
    shared = Event.objects.filter(subject=notice.letter_id, kind__in=_OF_LETTER)
    return sorted([*own, *shared], key=lambda event: event.serial)
