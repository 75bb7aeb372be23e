"""Delivering: the way of a digest to its channel: tried again where it surely did not arrive, looked up where it may.

Each step is a row that is changed on condition that it is as it was read, so a crash
between two steps, or a second worker, finds out where to go on and repeats nothing.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.deliveries import GRACE, LEASE, pause
from bot.domain.errors import UsageError
from bot.services.ports import (
    Chat,
    ChatDoubtful,
    ChatError,
    ChatRefused,
    ChatUnavailable,
    Delivery,
    Posted,
    Settlement,
    Store,
)

_log = logging.getLogger(__name__)

# Deliveries in these states wait for something; in those nothing is left to do.
OPEN, ENDED = ("pending", "sending", "failed"), ("sent", "skipped", "dropped")

Clock = Callable[[], datetime]
# The chat's clock and ours may differ, and what was posted an hour before an attempt is soon looked through.
_CLOCKS_APART = timedelta(hours=1)
# Where the bot may not look into a channel, somebody has to change that first.
_LOOKED_UP_AGAIN = timedelta(hours=1)
_UNKNOWN = "it is not known whether it arrived"


class Courier:
    """Brings deliveries to the chat, and tells the ``maintainers`` of those that somebody has to look after."""

    def __init__(self, chat: Chat, store: Store, now: Clock, maintainers: Sequence[str] = ()) -> None:
        self._chat = chat
        self._store = store
        self._now = now
        self._maintainers = maintainers

    def deliver_all(self) -> list[Delivery]:
        """Settle what may have arrived, send what is pending, each when its time has come; give back what is left."""
        for delivery in self._there("sending"):
            self.settle(delivery)
        left = [left for each in self._there("pending") if (left := self.deliver(each)) is not None]
        for delivery in self._store.deliveries(["sending", "failed"]):
            self._tell(delivery)
        return left

    def _there(self, state: str) -> list[Delivery]:
        """Give the deliveries whose channels can be posted to; the others wait without being tried."""
        return [each for each in self._store.deliveries([state]) if self._chat.missing(each.channel) is None]

    def deliver(self, delivery: Delivery) -> Delivery | None:
        """Try a pending delivery, if its time has come; give it back as it is then, None once it was sent."""
        if not _is_time(delivery, self._now()):
            return delivery
        begun = self._store.claim(delivery, self._now())
        if begun is None:
            return None
        try:
            posted = self._chat.post(begun.channel, begun.message, begun.key)
        except ChatError as error:
            settled = self._after(begun, error)
        else:
            settled = Settlement("sent", posted=posted)
        return self._settle(begun, settled)

    def settle(self, delivery: Delivery) -> None:
        """Find out whether an attempt without an answer arrived; if it surely did not, it is pending again."""
        if not _is_time(delivery, self._now()):
            return
        since = (delivery.attempted_at or self._now()) - _CLOCKS_APART
        try:
            found = self._chat.find(delivery.channel, delivery.key, since)
        except ChatError as error:
            wait = _LOOKED_UP_AGAIN if isinstance(error, ChatRefused) else self._wait(delivery, error)
            told = f"{_UNKNOWN}: {error.reason}" if isinstance(error, ChatRefused) else delivery.error
            self._settle(delivery, Settlement("sending", told, not_before=self._now() + wait))
            return
        self._settle(delivery, Settlement("sent", posted=found) if found else Settlement("pending"))

    def _after(self, delivery: Delivery, error: ChatError) -> Settlement:
        match error:
            case ChatDoubtful():
                return Settlement("sending", error.reason, not_before=self._now() + GRACE)
            case ChatRefused():
                return Settlement("failed", error.reason)
            case _:
                return Settlement("pending", error.reason, not_before=self._now() + self._wait(delivery, error))

    def _settle(self, delivery: Delivery, settled: Settlement) -> Delivery | None:
        self._store.settle(delivery, settled)
        told, extra = (delivery.digest, delivery.channel), {"delivery": delivery.key}
        if settled.state == "sent":
            _log.info("digest %s posted to %s", *told, extra=extra)
            return None
        if settled.error:
            _log.warning("digest %s to %s is %s: %s", *told, settled.state, settled.error, extra=extra)
        else:
            _log.info("digest %s to %s did not arrive; it is sent again", *told, extra=extra)
        return replace(delivery, state=settled.state, error=settled.error, not_before=settled.not_before)

    def _wait(self, delivery: Delivery, error: ChatError) -> timedelta:
        """Wait as long as the chat says, else longer each time."""
        seconds = error.retry_after if isinstance(error, ChatUnavailable) else None
        return pause(delivery.key, delivery.attempts) if seconds is None else timedelta(seconds=seconds)

    def _tell(self, delivery: Delivery) -> None:
        """Tell the maintainers once of what waits for them; where the chat cannot be reached, later."""
        is_theirs = delivery.state == "failed" or (delivery.error or "").startswith(_UNKNOWN)
        if not is_theirs or delivery.is_told or not self._maintainers:
            return
        if not self._store.mark_told(delivery, is_told=True):
            return
        retry_it = f"release-bot deliveries retry {delivery.id}"
        seen = f"If it is there: release-bot deliveries confirm {delivery.id}; if not: {retry_it}"
        mend = seen if delivery.state == "sending" else f"When that is mended: {retry_it}"
        text = f"The digest {delivery.digest} for {delivery.channel} waits for you: {delivery.error}. {mend}"
        for user in self._maintainers:
            try:
                self._chat.tell(user, text)
            except ChatUnavailable as error:
                _log.warning("the maintainers could not be told yet: %s", error)
                self._store.mark_told(delivery, is_told=False)
                return
            except ChatError as error:
                _log.warning("a maintainer could not be told: %s", error)


def _is_time(delivery: Delivery, now: datetime) -> bool:
    """Whether to go on with a delivery; an attempt of which nothing was heard is its worker's until the lease ends."""
    if delivery.not_before is not None:
        return now >= delivery.not_before
    is_leased = delivery.state == "sending" and delivery.attempted_at is not None
    return not is_leased or now >= (delivery.attempted_at or now) + LEASE


def retry(number: int, store: Store, who: str, now: datetime) -> Delivery:
    """Let a delivery be sent again, without looking for it. Raises UsageError where that could tell something twice."""
    delivery = _numbered(number, store, (*OPEN, "dropped"))
    _refuse_under_way(delivery, now)
    if delivery.state in ("failed", "dropped") and _was_told_since(delivery, store):
        what = "what it tells was told as late by a digest made since"
        raise UsageError(f"delivery {number}", what, f"release-bot digest {delivery.digest} shows it without posting")
    why = f"tried again by {who}"
    return _moved(delivery, Settlement("pending", why), why, store)


def confirm(number: int, store: Store, who: str, now: datetime) -> Delivery:
    """Take a delivery for sent: somebody saw that it arrived. Raises UsageError for one that is in no doubt."""
    delivery = _numbered(number, store, ("sending",))
    _refuse_under_way(delivery, now)
    posted = Posted(delivery.channel, delivery.key)
    return _moved(delivery, Settlement("sent", posted=posted), f"seen in the channel by {who}", store)


def drop(number: int, store: Store, who: str) -> Delivery:
    """Never send a delivery; the next digest tells its releases as late. Raises UsageError for one that was sent."""
    why = f"dropped by {who}"
    return _moved(_numbered(number, store, OPEN), Settlement("dropped", why), why, store)


def _refuse_under_way(delivery: Delivery, now: datetime) -> None:
    if delivery.state == "sending" and now < (delivery.attempted_at or now) + LEASE:
        minutes = f"{LEASE / timedelta(minutes=1):.0f} minutes"
        hint = f"look into the channel, and wait {minutes}"
        raise UsageError(f"delivery {delivery.id}", "may be on its way still", hint)


def _numbered(number: int, store: Store, states: Sequence[str]) -> Delivery:
    found = next((delivery for delivery in store.deliveries((*OPEN, *ENDED)) if delivery.id == number), None)
    if found is None:
        raise UsageError(f"delivery {number}", "there is none of that number", "see: release-bot deliveries list --all")
    if found.state not in states:
        raise UsageError(f"delivery {number}", f"is {found.state}", "there is nothing left to do")
    return found


def _was_told_since(delivery: Delivery, store: Store) -> bool:
    later = store.past_digests(delivery.digest, delivery.channel)
    return any(each.period_end >= delivery.period_end for each in later)


def _moved(delivery: Delivery, settled: Settlement, why: str, store: Store) -> Delivery:
    if not store.settle(delivery, settled):
        raise UsageError(f"delivery {delivery.id}", "was just changed by a worker", "look at it again")
    _log.info("delivery %d is %s: %s", delivery.id, settled.state, why)
    return replace(delivery, state=settled.state, error=settled.error, not_before=None)
