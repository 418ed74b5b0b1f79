"""Who acts on which kind of event. Each app's `AppConfig.ready` imports its `handlers`, which subscribe here."""

from collections.abc import Callable

from signing.evidence.models import Handoff

Handler = Callable[[Handoff], None]

_handlers: dict[str, Handler] = {}
_subscribers: dict[str, list[str]] = {}
_ranks: dict[str, int] = {}


def on(*kinds: str, courtesy: bool = False) -> Callable[[Handler], Handler]:
    """Subscribe a handler, named `module.function`, to the given kinds of event.

    It takes a Handoff, may run more than once, and must leave through `outbox.finishing(handoff)`. A `courtesy` waits
    while duties are due: nobody's rights depend on it.
    """

    def subscribe(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__qualname__}"
        if _handlers.get(name, handler) is not handler:
            raise ValueError(f"two handlers are called {name}")
        _handlers[name] = handler
        _ranks[name] = int(courtesy)
        for kind in kinds:
            _subscribers.setdefault(kind, []).append(name)
        return handler

    return subscribe


def subscribers(kind: str) -> tuple[str, ...]:
    """Names of the handlers of a kind, in the order of their subscription."""
    return tuple(_subscribers.get(kind, ()))


def rank_of(name: str) -> int:
    """0 for a duty, 1 for a courtesy."""
    return _ranks[name]


def find_handler(name: str) -> Handler | None:
    """The handler of that name, or None when this process does not know it (as during a rolling deploy)."""
    return _handlers.get(name)


def subscriptions() -> dict[str, tuple[str, ...]]:
    """Kind → names of its handlers, for checks and tests."""
    return {kind: tuple(names) for kind, names in _subscribers.items()}


def forget(handler: Handler) -> None:
    """Take a handler out again. Its open handoffs stay and fail until some process knows it."""
    name = f"{handler.__module__}.{handler.__qualname__}"
    _handlers.pop(name, None)
    _ranks.pop(name, None)
    for names in _subscribers.values():
        if name in names:
            names.remove(name)
