"""A delivery of a digest to a channel: its states, and how an attempt ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.releases import Key
from bot.domain.values import dataclass


class DeliveryState(StrEnum):
    """Where a digest or an announcement is on its way to a channel.

    Pending: to be sent. Sending: an attempt began, and its outcome is not known. Failed: for good, until somebody
    retries it. Dropped: by somebody. Skipped: the digest was quiet.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands: the chat's own id of the channel, and of the message in it."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A message in the thread of a digest, as JSON, and the new releases that it names."""

    message: str
    named: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Frozen:
    """The message of a digest, as JSON, the replies in its thread, and the releases that none of them names.

    ``content`` is what the whole digest tells, in no chat's format, for the archive; None where it is not kept.
    """

    message: str
    unnamed: frozenset[Key] = frozenset()
    replies: tuple[Reply, ...] = ()
    content: Mapping[str, Any] | None = None

    def reply_naming(self) -> dict[Key, int]:
        """Return by release the number of the reply that names it, from 1."""
        return {key: number for number, reply in enumerate(self.replies, 1) for key in reply.named}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest, or one announcement of releases to a subscriber, on its way to one channel.

    ``digest`` is the digest's name, empty for an announcement, whose ``period_end`` is when
    it was made. ``state`` is ``pending`` (to be sent), ``sending`` (an attempt began and its
    outcome is not known), ``sent`` (``message_id`` is the chat's), ``failed`` for
    good (``error`` says why), ``dropped`` by somebody or ``skipped`` (it was quiet).
    ``message`` is the frozen text, as JSON, and ``key`` what the message is known by in
    the chat, different in every database. ``attempts`` were begun, the last at
    ``attempted_at``; nothing is done before ``not_before``. ``by`` is who asked for it, empty
    where its schedule did. ``is_told`` says whether the maintainers know that it failed.
    ``generation`` grows whenever the delivery is claimed or settled: what was read before is then not written.
    ``unsure_until`` is a moment by the chat's own clock: an attempt that its history does not show by then has not
    arrived; None where the chat did not tell its time. ``replies`` are the further messages, frozen
    too, which follow in the thread of the first, one after another: each passes through the states for itself.
    ``posted`` messages are there, and ``reply_ids`` are the chat's ids of the replies among them.
    """

    id: int
    digest: str
    channel: str
    period_start: datetime | None
    period_end: datetime
    state: DeliveryState
    message: str
    error: str | None = None
    message_id: str | None = None
    attempted_at: datetime | None = None
    by: str = ""
    key: str = ""
    attempts: int = 0
    not_before: datetime | None = None
    is_told: bool = False
    generation: int = 0
    unsure_until: datetime | None = None
    replies: tuple[str, ...] = ()
    reply_ids: tuple[str, ...] = ()
    posted: int = 0

    @property
    def next_message(self) -> str:
        """Return the message that is to be sent, or is on its way."""
        return self.replies[self.posted - 1] if self.posted else self.message

    @property
    def next_key(self) -> str:
        """Return what that message is known by in the chat."""
        return f"{self.key}-{self.posted}" if self.posted else self.key

    @property
    def is_last(self) -> bool:
        """Return whether no other message follows that one."""
        return self.posted >= len(self.replies)

    @property
    def thread(self) -> str | None:
        """Return the id of the first message, which replies belong to; None if it is not there, or not known."""
        return self.message_id if self.posted and self.message_id != self.key else None

    def id_of(self, number: int) -> str | None:
        """Return the chat's id of a message that was posted: the first is 0."""
        return (self.message_id, *self.reply_ids)[number]

    @property
    def noun(self) -> str:
        """Return what kind of message it is."""
        return "digest" if self.digest else "announcement"

    @property
    def what(self) -> str:
        """Return which message it is, in words."""
        return f"digest {self.digest}" if self.digest else "release announcement"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt at a delivery ended: its new state, why, where the message stands, and when to go on.

    ``unsure_until`` None keeps what is held.
    """

    state: DeliveryState
    error: str | None = None
    posted: Posted | None = None
    not_before: datetime | None = None
    unsure_until: datetime | None = None


def arrived(delivery: Delivery, posted: Posted) -> Settlement:
    """Return the settlement of a message that is in the channel: after the last of them the delivery is sent.

    One that somebody dropped meanwhile stays so, and sends no further message.
    """
    if delivery.is_last:
        return Settlement(DeliveryState.SENT, posted=posted)
    is_dropped = delivery.state == DeliveryState.DROPPED
    return Settlement(DeliveryState.DROPPED if is_dropped else DeliveryState.PENDING, posted=posted)


# How long after its claim a message may still be sent. Whoever wakes up later sends nothing.
DEADLINE = timedelta(seconds=20)
# An attempt whose connection ended without an answer: so long after its claim the chat's history shows what the
# chat took of it. That is the deadline, and time for the history to follow.
GRACE = timedelta(minutes=1)
# An attempt of which nothing is heard at all: its worker may be gone, or stopped. So long after its claim another
# worker takes over; that is far beyond the deadline.
LEASE = timedelta(minutes=5)


def is_under_way(attempted_at: datetime | None, now: datetime) -> bool:
    """Return whether an attempt may be another worker's still; one that began in the future was not."""
    return attempted_at is not None and -LEASE < now - attempted_at < LEASE


def unsure_for(unsure_until: datetime | None, at: datetime) -> timedelta:
    """Return how long an attempt that the chat's history does not show may still arrive, by the chat's clock.

    Where nothing is known of its beginning, it is taken to have begun at ``at``, when the history was searched.
    """
    return LEASE if unsure_until is None else min(max(unsure_until - at, timedelta()), LEASE)
