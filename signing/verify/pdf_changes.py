"""What was changed in a PDF after its seal: only long-term validation data and archive time-stamps may be.

ISO 32000-2 §12.8.2.2 allows them even under "no changes" (DSS and document time-stamps). pyHanko compares the
revisions object by object; the rules here are fewer than its default: no new metadata, no filled forms.
"""

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DSSCompareRule,
    FormUpdatingRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.verify.report import Findings

# Of these, /AcroForm and /DSS have rules of their own; the others may not be touched at all.
_FREE_KEYS = frozenset({"/AcroForm", "/DSS", "/Extensions"})
_RULES = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(ignored_keys=_FREE_KEYS),  # type: ignore[no-untyped-call]
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[SigFieldCreationRule(), SigFieldModificationRule()],  # type: ignore[no-untyped-call]
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
        findings.noted("pdf.later-revisions")
    return findings.passed("pdf.unchanged")


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
    while waiting and len(found) < 10_000:
        node = waiting.pop()
        if "/Kids" in node:
            waiting.extend(reversed([kid.get_object() for kid in node["/Kids"]]))
        else:
            found.append(node)
    return found


def _look(page: Any) -> dict[str, str]:
    return {key: repr(page.raw_get(key)) for key in page if key not in {"/Annots", "/Parent"}}


def _annotations(page: Any) -> int:
    widgets = [one.get_object() for one in page.get("/Annots", ())]
    return sum(not (one.get("/Subtype") == "/Widget" and one.get("/FT") == "/Sig") for one in widgets)


def _raw(root: Any, key: str) -> str:
    return repr(root.raw_get(key)) if key in root else ""


def _reached(resolver: Any, node: Any, key: str) -> set[generic.Reference]:
    return set(resolver.collect_dependencies(node.raw_get(key))) if key in node else set()
