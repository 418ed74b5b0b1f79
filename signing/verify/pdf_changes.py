"""What was changed in a PDF after its seal: only long-term validation data and archive time-stamps may be.

ISO 32000-2 §12.8.2.2 allows them even under "no changes" (DSS and document time-stamps). pyHanko compares the
revisions object by object; the rules here are fewer than its default: no filled forms, no objects that nothing refers
to, and metadata may only say who wrote the revision and when.
"""

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata.xmp_xml import meta_from_xmp, parse_xmp
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.verify.pdf_objects import look_up
from signing.verify.report import Findings

MAX_PAGES = 10_000

# Entries of the catalogue that rules of their own judge.
_FREE_KEYS = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata"})
_RULES = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(ignored_keys=_FREE_KEYS),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[SigFieldCreationRule(), SigFieldModificationRule()],
    ),
    ignore_orphaned_objects=False,
)


def check_changes(findings: Findings, reader: Any, seal: Any) -> bool:
    """Judge every revision after the one that `seal` (pyHanko's EmbeddedPdfSignature) signed."""
    seal.compute_integrity_info(diff_policy=_RULES)
    if seal.coverage not in {SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION}:
        return findings.failed("pdf.byte-range")
    result = seal.diff_result
    allowed = isinstance(result, DiffResult) and result.modification_level <= ModificationLevel.LTA_UPDATES
    if not allowed:
        detail = "" if isinstance(result, DiffResult) else str(result)
        return findings.failed(_reason(reader, seal.signed_revision), detail)
    if reader.total_revisions > seal.signed_revision + 1:
        sealed, newest = seal.signed_revision, reader.total_revisions - 1
        if _told_by(reader.get_historical_resolver(sealed)) != _told_by(reader.get_historical_resolver(newest)):
            return findings.failed("pdf.metadata-changed")
        findings.noted("pdf.later-revisions")
    return findings.passed("pdf.unchanged")


def _told_by(resolver: Any) -> list[object]:
    """What the document says of itself: the description in both of its places, but for writer and date of change."""
    # A trailer's references lead to the newest objects; only the resolver knows those of its revision.
    place = resolver.trailer_view.get_value_as_reference("/Info", optional=True)
    info = resolver(place) if place is not None else {}
    told: list[object] = [{key: str(info[key]) for key in info if key not in {"/ModDate", "/Producer"}}]
    if "/Metadata" in resolver.root:
        data = resolver.root["/Metadata"].read_data(DecodePurpose.XMP_METADATA)
        view = meta_from_xmp(parse_xmp(BytesIO(data)))
        told.append([str(one) for one in (view.title, view.author, view.subject, view.keywords, view.created)])
    return told


def _reason(reader: Any, signed_revision: int) -> str:
    """The nearest name for a forbidden change, for people: what the reader of the page would see of it."""
    before = reader.get_historical_resolver(signed_revision)
    changed = set()
    for revision in range(signed_revision + 1, reader.total_revisions):
        changed |= reader.xrefs.explicit_refs_in_revision(revision)
    old, new = _pages(before.root), _pages(reader.root)
    if len(old) != len(new) or any(_look(a) != _look(b) for a, b in zip(old, new, strict=False)):
        return "pdf.page-changed"
    drawn = {ref for page in old for key in ("/Contents", "/Resources") for ref in _reached(before, page, key)}
    if drawn & changed:
        return "pdf.page-changed"
    if any(_annotations(a) != _annotations(b) for a, b in zip(old, new, strict=True)):
        return "pdf.annotation-added"
    files = _reached(before, before.root, "/Names") | _reached(before, before.root, "/AF")
    if files & changed or any(_raw(before.root, key) != _raw(reader.root, key) for key in ("/Names", "/AF")):
        return "pdf.attachment-added"
    return "pdf.changed-after-seal"


def _pages(root: Any) -> list[Any]:
    found: list[Any] = []
    waiting = [root["/Pages"]]
    for _ in range(MAX_PAGES):
        if not waiting:
            break
        node = waiting.pop()
        if "/Kids" in node:
            waiting.extend(reversed([kid.get_object() for kid in node["/Kids"]]))
        else:
            found.append(node)
    return found


def _look(page: Any) -> dict[str, str]:
    return {key: repr(page.raw_get(key)) for key in page if key not in {"/Annots", "/Parent"}}


def _annotations(page: Any) -> int:
    widgets = [one.get_object() for one in look_up(page, "/Annots", ())]
    return sum(not (look_up(one, "/Subtype") == "/Widget" and look_up(one, "/FT") == "/Sig") for one in widgets)


def _raw(root: Any, key: str) -> str:
    return repr(root.raw_get(key)) if key in root else ""


def _reached(resolver: Any, node: Any, key: str) -> set[generic.Reference]:
    return set(resolver.collect_dependencies(node.raw_get(key))) if key in node else set()
