"""Every kind of event that is recorded is known here, and somebody acts on it or it is said that nobody does."""

import ast
import re

from signing.evidence.subscriptions import subscriptions
from tests.architecture.sources import modules

KIND = re.compile(r"(letter|run|notice|person|session|role|handoff)\.[a-z_]+(?:-[a-z]+)*")
# Recorded as evidence alone: shown, proven and pushed to open pages, but no handler acts.
NOBODY_LISTENS = {
    "handoff.retried",
    "notice.announced",
    "notice.announcement_failed",
    "notice.deposited",
    "notice.undeliverable",
    "person.bound",
    "role.revoked",
    "session.ended",
}


def _recorded() -> set[str]:
    """Kinds that code names: arguments of `record` and constants of the modules `events`."""
    kinds = set()
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("record"):
                kinds |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
            elif isinstance(node, ast.Assign) and path.stem == "events" and isinstance(node.value, ast.Constant):
                kinds.add(node.value.value)
    return {kind for kind in kinds if isinstance(kind, str) and KIND.fullmatch(kind)}


def _handled() -> set[str]:
    """Kinds with a handler of ours; tests subscribe to some as well."""
    found = subscriptions().items()
    return {kind for kind, names in found if any(not name.startswith("tests.") for name in names)}


def test_every_kind_has_a_handler_or_is_listed_as_having_none() -> None:
    assert _recorded() - _handled() == NOBODY_LISTENS


def test_nobody_waits_for_a_kind_that_is_never_recorded() -> None:
    assert _handled() <= _recorded()
