"""Send pending deliveries at most once each: retry if one did not arrive, search the channel if it may have.

A digest may be several messages, one after another: each is claimed, searched for and settled for itself.
Each step changes a row on condition that it is as it was read, so that after a crash between two steps, or beside
a second worker, the work continues where it was and nothing is repeated.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.backoff import is_time, pause
from bot.domain.digests import delivery as rules
from bot.domain.digests.delivery import Delivery, DeliveryState, Posted, Settlement
from bot.domain.errors import UsageError
from bot.services.maintainers import tell_maintainers
from bot.services.ports import Chat, ChatDoubtful, ChatError, ChatRefused, ChatUnavailable, Search

if TYPE_CHECKING:
    from bot.store.deliveries import DeliveryStore
    from bot.store.store import Store

_log = logging.getLogger(__name__)

# The states of deliveries that are not finished, and of those that are.
OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.FAILED)
ENDED = (DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.DROPPED)

Clock = Callable[[], datetime]
# How much earlier than an attempt the history is searched, and the longest wait accepted from a chat.
_MARGIN = _LONGEST_ASKED = timedelta(hours=1)
# How long to wait where the bot may not read a channel: somebody has to change that first.
_LOOKED_UP_AGAIN = timedelta(hours=1)
_UNKNOWN = "it is not known whether it arrived"
# How often the row of a lost claim is read again where it changes meanwhile.
_MOST_READ = 10


class DeliverySender:
    """Sends deliveries to the chat, and reports to the ``maintainers`` those that need attention.

    ``monotonic`` returns seconds that pass even while a process is suspended.
    """

    def __init__(
        self,
        chat: Chat,
        deliveries: "DeliveryStore",
        now: Clock,
        maintainers: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chat = chat
        self._deliveries = deliveries
        self._now = now
        self._maintainers = maintainers
        self._monotonic = monotonic

    def deliver_all(self) -> list[Delivery]:
        """Settle the unconfirmed deliveries and send the pending ones, each if it is due; return the unsent ones.

        Chats are served side by side, so that one that does not answer holds up no other.
        """
        waiting = [*self._there(DeliveryState.SENDING), *self._there(DeliveryState.PENDING)]
        chats = list(dict.fromkeys(self._chat.home(each.channel) for each in waiting))
        if len(chats) > 1:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(len(chats), thread_name_prefix="deliver") as threads:
                left = [each for some in threads.map(self._deliver_to, chats) for each in some]
        else:
            left = [each for chat in chats for each in self._deliver_to(chat)]
        for delivery in self._deliveries.in_states([DeliveryState.SENDING, DeliveryState.FAILED]):
            self._tell(delivery)
        return left

    def _deliver_to(self, chat: str) -> list[Delivery]:
        """Settle and send the deliveries of one chat or service; return the unsent ones."""
        for delivery in self._there(DeliveryState.SENDING):
            if self._chat.home(delivery.channel) == chat:
                self.settle(delivery)
        own = [each for each in self._there(DeliveryState.PENDING) if self._chat.home(each.channel) == chat]
        return [left for each in own if (left := self.deliver(each)) is not None]

    def _there(self, state: str) -> list[Delivery]:
        """Return the deliveries in a state whose channels can be posted to; the others wait."""
        return [each for each in self._deliveries.in_states([state]) if self._chat.missing(each.channel) is None]

    def deliver(self, delivery: Delivery) -> Delivery | None:
        """Send a pending delivery if it is due, each of its messages after the one before.

        Return it as it is afterwards, None once it is sent, or if it is another worker's.
        """
        while (left := self._send_next(delivery)) is not None and left.posted > delivery.posted:
            delivery = left
        return left

    def _send_next(self, delivery: Delivery) -> Delivery | None:
        """Send the next message of a pending delivery; return the delivery afterwards, None if nothing is left."""
        if not _is_time(delivery, self._now()):
            return delivery
        # Everything counts from before the claim: the deadline by two clocks of ours, and what others may
        # conclude later by the chat's own clock.
        deadline, latest = self._monotonic() + rules.DEADLINE.total_seconds(), self._now() + rules.LEASE / 2
        at = self._chat.clock(delivery.channel)
        begun = self._deliveries.claim(delivery, self._now(), None if at is None else at + rules.LEASE)
        if begun is None:
            return None
        try:
            posted = self._post(begun, deadline, latest)
        except ChatError as error:
            return self._settle(begun, self._after(begun, error, at))
        posted_at = self._monotonic()
        if self._settle(begun, rules.arrived(begun, posted)) is not None:
            self._lost(begun, posted, posted_at)
            return None
        return None if begun.is_last else self._deliveries.read(begun.id)

    def _post(self, begun: Delivery, deadline: float, latest: datetime) -> Posted:
        """Post a claimed delivery within its deadline. Raises ChatError."""
        # The clock of the wall goes on while a machine sleeps, which the other may not.
        if self._now() > latest:
            raise ChatUnavailable(begun.channel, "the claim on the delivery expired before it was posted")
        return self._chat.post(begun.channel, begun.next_message, begun.next_key, deadline, thread=begun.thread)

    def settle(self, delivery: Delivery) -> None:
        """Search the channel for an unconfirmed delivery; one that did not arrive is pending again."""
        if not _is_time(delivery, self._now()):
            return
        try:
            found = _searched(delivery, self._chat)
        except ChatError as error:
            wait = _LOOKED_UP_AGAIN if isinstance(error, ChatRefused) else self._wait(delivery, error)
            why = _doubt(delivery, error) if isinstance(error, ChatRefused) else delivery.error
            self._settle(delivery, Settlement(DeliveryState.SENDING, why, not_before=self._now() + wait))
            return
        self._settle(delivery, self._concluded(delivery, found))

    def _concluded(self, delivery: Delivery, found: Search) -> Settlement:
        """Return the settlement after a search; an empty search that may be too early settles nothing."""
        if found.posted is not None:
            return rules.arrived(delivery, found.posted)
        wait = _unsure_for(delivery, found, self._now())
        if not wait:
            return Settlement(DeliveryState.PENDING)
        until = None if found.at is None else found.at + wait
        return Settlement(DeliveryState.SENDING, delivery.error, not_before=self._now() + wait, unsure_until=until)

    def _after(self, delivery: Delivery, error: ChatError, at: datetime | None) -> Settlement:
        match error:
            case ChatDoubtful():
                until = None if at is None else at + rules.GRACE
                return Settlement(
                    DeliveryState.SENDING, error.reason, not_before=self._now() + rules.GRACE, unsure_until=until
                )
            case ChatRefused():
                return Settlement(DeliveryState.FAILED, error.reason)
            case _:
                return Settlement(
                    DeliveryState.PENDING, error.reason, not_before=self._now() + self._wait(delivery, error)
                )

    def _lost(self, mine: Delivery, posted: Posted, posted_at: float) -> None:
        """Keep one message where another worker took over the delivery before this one recorded its message.

        The worker that records its message first keeps it. The row may name this very message, found by the other.
        """
        for _ in range(_MOST_READ):
            row = self._deliveries.read(mine.id)
            if row is None:
                return
            if row.posted > mine.posted:
                # A person who confirmed the delivery saw a message, but did not name it.
                if row.id_of(mine.posted) not in (posted.message, row.key):
                    self._delete(row, posted, posted_at)
                return
            if self._deliveries.settle(row, rules.arrived(row, posted)):
                _log.warning("another worker took over %s while it was posted to %s", row.what, row.channel)
                return

    def _delete(self, row: Delivery, posted: Posted, posted_at: float) -> None:
        extra = {"delivery": row.key}
        try:
            self._chat.delete(row.channel, posted)
        except ChatError as error:
            text = f"{_capital(row.what)} was posted to {row.channel} twice, by two workers"
            _log.error("%s, and the second message could not be deleted: %s", text, error, extra=extra)
            request = f"{text}, and the bot cannot delete the second message: {error.reason}. Delete one of the two."
            tell_maintainers(request, self._chat, self._maintainers)
            return
        stood = self._monotonic() - posted_at
        arguments = (row.what, row.channel, stood)
        _log.warning("%s was posted to %s twice; the second message was deleted after %.1f s", *arguments, extra=extra)

    def _settle(self, delivery: Delivery, settled: Settlement) -> Delivery | None:
        """Record the outcome of an attempt; return the delivery if nothing arrived or it is another worker's."""
        if not self._deliveries.settle(delivery, settled):
            return delivery
        named, extra = (delivery.what, delivery.channel), {"delivery": delivery.key}
        if settled.posted is not None:
            which = f", message {delivery.posted + 1} of {len(delivery.replies) + 1}" if delivery.replies else ""
            _log.info("%s posted to %s%s", *named, which, extra=extra)
            return None
        if settled.error:
            _log.warning("%s to %s is %s: %s", *named, settled.state, settled.error, extra=extra)
        else:
            _log.info("%s did not arrive in %s; sending again", *named, extra=extra)
        return replace(delivery, state=settled.state, error=settled.error, not_before=settled.not_before)

    def _wait(self, delivery: Delivery, error: ChatError) -> timedelta:
        """Return how long to wait: as long as the chat says, else longer after each attempt."""
        seconds = error.retry_after if isinstance(error, ChatUnavailable) else None
        if seconds is None:
            return pause(delivery.key, delivery.attempts)
        return min(timedelta(seconds=seconds), _LONGEST_ASKED)

    def _tell(self, delivery: Delivery) -> None:
        """Report a delivery that needs attention to the maintainers, once; later if the chat cannot be reached."""
        is_theirs = delivery.state == DeliveryState.FAILED or (delivery.error or "").startswith(_UNKNOWN)
        if not is_theirs or delivery.is_told or not self._maintainers:
            return
        if not self._deliveries.mark_told(delivery, is_told=True):
            return
        retry_it = f"release-bot deliveries retry {delivery.id}"
        confirm_it = f"release-bot deliveries confirm {delivery.id}"
        seen = f"If the {delivery.noun} is in the channel: {confirm_it}; if not: {retry_it}"
        fix = seen if delivery.state == DeliveryState.SENDING else f"Fix the cause, then: {retry_it}"
        text = f"{_capital(delivery.what)} for {delivery.channel} needs attention: {delivery.error}. {fix}"
        if not tell_maintainers(text, self._chat, self._maintainers):
            self._deliveries.mark_told(delivery, is_told=False)


def _capital(what: str) -> str:
    return f"{what[:1].upper()}{what[1:]}"


def _doubt(delivery: Delivery, error: ChatRefused) -> str:
    """Return why a delivery is unconfirmed: the error of its attempt, and why the channel cannot be searched."""
    before = delivery.error or ""
    if before.startswith(_UNKNOWN):
        return before
    return f"{_UNKNOWN}: {'; '.join(filter(None, (before, error.reason)))}"


def _is_time(delivery: Delivery, now: datetime) -> bool:
    """Return whether a delivery is due; an attempt without an outcome is its worker's until the lease ends."""
    if delivery.not_before is None and delivery.state == DeliveryState.SENDING:
        return delivery.attempted_at is None or is_time(delivery.attempted_at + rules.LEASE, now)
    return is_time(delivery.not_before, now)


def _searched(delivery: Delivery, chat: Chat) -> Search:
    """Search the channel from before the attempt on, by the chat's clock. Raises ChatError."""
    until = delivery.unsure_until
    since = None if until is None else until - rules.LEASE - _MARGIN
    return chat.find(delivery.channel, delivery.next_key, since, thread=delivery.thread)


def _unsure_for(delivery: Delivery, found: Search, now: datetime) -> timedelta:
    """Return how long to wait until an empty search counts, by this machine's clock if the chat has none."""
    if found.at is not None:
        return rules.unsure_for(delivery.unsure_until, found.at)
    begun = delivery.attempted_at
    return rules.LEASE if begun is not None and begun - now > rules.LEASE else timedelta()


def retry(number: int, store: "Store", who: str, now: datetime) -> Delivery:
    """Make a delivery pending again, without a search. Raises UsageError if its releases were reported since."""
    delivery = _numbered(number, store.deliveries, (*OPEN, DeliveryState.DROPPED))
    _refuse_under_way(delivery, now)
    if delivery.state in (DeliveryState.FAILED, DeliveryState.DROPPED) and _is_superseded(delivery, store):
        what = "a later digest has reported its releases already"
        raise UsageError(
            f"delivery {number}", what, f"to read it without posting: release-bot digest {delivery.digest}"
        )
    why = f"tried again by {who}"
    return _moved(delivery, Settlement(DeliveryState.PENDING, why), why, store.deliveries)


def confirm(number: int, deliveries: "DeliveryStore", who: str, now: datetime) -> Delivery:
    """Mark the message of an unconfirmed delivery as sent: somebody saw it. Raises UsageError for others."""
    delivery = _numbered(number, deliveries, (DeliveryState.SENDING,))
    _refuse_under_way(delivery, now)
    posted = Posted(delivery.channel, delivery.key)
    return _moved(delivery, rules.arrived(delivery, posted), f"seen in the channel by {who}", deliveries)


def drop(
    number: int, deliveries: "DeliveryStore", chat: Chat, who: str, now: datetime, *, is_forced: bool = False
) -> Delivery:
    """Drop a delivery; the next digest reports the releases of a dropped one as late.

    An unconfirmed one is searched for first, and is ``sent`` if it is found; ``is_forced`` skips the search. Raises
    UsageError if it was sent, or if the search fails.
    """
    delivery, why = _numbered(number, deliveries, OPEN), f"dropped by {who}"
    if delivery.state == DeliveryState.SENDING and not is_forced:
        found = _found_for(delivery, chat)
        if found.posted is not None:
            # The messages that would follow it are dropped.
            state = DeliveryState.SENT if delivery.is_last else DeliveryState.DROPPED
            return _moved(delivery, Settlement(state, posted=found.posted), "found in the channel", deliveries)
        if wait := _unsure_for(delivery, found, now):
            minutes = f"{max(wait / timedelta(minutes=1), 1):.0f} min"
            raise UsageError(f"delivery {number}", "may still be on its way", f"try again in {minutes}")
    _refuse_under_way(delivery, now)
    return _moved(delivery, Settlement(DeliveryState.DROPPED, why), why, deliveries)


def _found_for(delivery: Delivery, chat: Chat) -> Search:
    """Search for an unconfirmed delivery. Raises UsageError if the channel cannot be searched."""
    missing = chat.missing(delivery.channel)
    try:
        if missing is not None:
            raise missing
        return _searched(delivery, chat)
    except (ChatError, UsageError) as error:
        number, own = delivery.id, "release-bot deliveries"
        hint = (
            f"if the {delivery.noun} is in the channel, run {own} confirm {number}; if not, {own} drop {number} --force"
        )
        what = f"cannot find out whether it arrived: {error.what}"
        raise UsageError(f"delivery {number}", what, hint) from error


def _refuse_under_way(delivery: Delivery, now: datetime) -> None:
    if delivery.state == DeliveryState.SENDING and rules.is_under_way(delivery.attempted_at, now):
        minutes = f"{rules.LEASE / timedelta(minutes=1):.0f} minutes"
        hint = f"check the channel, and wait {minutes}"
        raise UsageError(f"delivery {delivery.id}", "may still be on its way", hint)


def _numbered(number: int, deliveries: "DeliveryStore", states: Sequence[str]) -> Delivery:
    found = next((delivery for delivery in deliveries.in_states((*OPEN, *ENDED)) if delivery.id == number), None)
    if found is None:
        raise UsageError(f"delivery {number}", "not found", "see: release-bot deliveries list --all")
    if found.state not in states:
        raise UsageError(f"delivery {number}", f"already {found.state}", "nothing to do")
    return found


def _is_superseded(delivery: Delivery, store: "Store") -> bool:
    if not delivery.digest:
        # What one announcement names, no other does.
        return False
    made = store.digests.past(delivery.digest, delivery.channel)
    # One of which a message was posted is among them itself.
    return sum(each.period_end >= delivery.period_end for each in made) > bool(delivery.posted)


def _moved(delivery: Delivery, settled: Settlement, why: str, deliveries: "DeliveryStore") -> Delivery:
    if not deliveries.settle(delivery, settled):
        raise UsageError(f"delivery {delivery.id}", "a worker has just changed it", "run the command again")
    _log.info("delivery %d is %s: %s", delivery.id, settled.state, why)
    return replace(delivery, state=settled.state, error=settled.error, not_before=None)
