"""Who is told "look again" when events have their place in the log, and what an open socket may hear.

The channel layer carries no content and may lose everything: a socket reads the feed from the database with its own
cursor, and looks there by itself every few seconds too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from config import loop
from correspondence.directory.access import actor_of
from correspondence.directory.models import Person
from inbox.selectors import mailbox_ids_of
from signing.evidence.checkpoints import Sequenced, on_sequenced
from signing.evidence.feed import FeedItem, events_after, head

EVERYONE = "live.all"
# Beyond this many groups one ring for everyone is cheaper than one for each.
MOST_GROUPS = 100


@dataclass(frozen=True)
class Listener:
    """The topics that one signed-in person hears of, as of now."""

    person_id: UUID
    agencies: tuple[UUID, ...]
    mailboxes: tuple[UUID, ...]

    @property
    def groups(self) -> set[str]:
        """The channel groups that ring for this listener."""
        topics = (self.person_id, *self.agencies, *self.mailboxes)
        return {EVERYONE, *(group_of(topic) for topic in topics)}


def group_of(topic: UUID) -> str:
    """The channel group of an agency, a mailbox or a person."""
    return f"live.{topic.hex}"


def listener_of(session_key: str | None) -> Listener | None:
    """Who listens under a browser session, read afresh; None when the session has ended or the person may not any more."""
    if not session_key:
        return None
    session = SessionStore(session_key).load()
    signed_in = session.get(SESSION_KEY)
    person = Person.objects.filter(pk=signed_in, is_active=True).first() if signed_in else None
    if person is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return None
    actor = actor_of(person, timezone.now())
    return Listener(person.id, actor.agency_ids, tuple(mailbox_ids_of(actor)))


def news_for(listener: Listener, after: int, limit: int = 500) -> list[tuple[FeedItem, str]]:
    """Events after `after` that concern the listener, in the order of the log, each with the topic of the page it changes."""
    items = events_after(after, agencies=listener.agencies, mailboxes=listener.mailboxes, limit=limit)
    return [(item, _topic(item, listener)) for item in items]


def feed_head() -> int:
    """The last place of the log that is public."""
    return head()


@on_sequenced
def ring(events: Sequence[Sequenced]) -> None:
    """Tell the sockets concerned that their feed has grown. Runs in the sequencer's thread."""
    topics = {topic for event in events for topic in (event.agency, event.mailbox, _person(event)) if topic}
    groups = [group_of(topic) for topic in topics] if len(topics) <= MOST_GROUPS else [EVERYONE]
    loop.submit(_ring_groups, groups)


async def _ring_groups(groups: list[str]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        for group in groups:
            await layer.group_send(group, {"type": "look"})


def _person(event: Sequenced) -> UUID | None:
    """Events about a person's sessions and roles make that person's sockets check whether they may stay open."""
    return event.subject if event.kind.partition(".")[0] in {"person", "session", "role"} else None


def _topic(item: FeedItem, listener: Listener) -> str:
    """The sender of a notice looks at its letter, the recipient at the notice."""
    if item.kind.startswith("notice.") and item.agency not in listener.agencies:
        return f"notice:{item.subject}"
    return f"letter:{item.letter or item.subject}"


read_listener = sync_to_async(listener_of)
read_news = sync_to_async(news_for)
read_head = sync_to_async(feed_head)
