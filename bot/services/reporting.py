"""Reporting: which digests are owed, what they say, and their way to the channel, each once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.certifications import Plan
from bot.domain.composing import Reminding, audience_of, compose_digest, is_quiet
from bot.domain.digests import Digest
from bot.domain.period_words import read_period
from bot.domain.periods import AsOf
from bot.domain.repositories import Repository
from bot.domain.schedules import last_due
from bot.services.observing import observe
from bot.services.ports import Chat, ChatDoubtful, ChatRefused, ChatUnavailable, Delivery, Store

_log = logging.getLogger(__name__)

_USUAL = Reminding(stale_after=timedelta(hours=2), due_within=timedelta(days=7))


@dataclass(frozen=True, slots=True)
class DigestOrder:
    """A digest as it is configured: for whom, about what, and when.

    ``schedule`` is a crontab in the zone of the moments it is asked with, empty for
    a digest that is only made by hand.
    """

    name: str
    channel: str
    period: str
    repositories: Sequence[Repository]
    schedule: str = ""
    skip_when_quiet: bool = False
    plans: Sequence[Plan] = ()
    reminding: Reminding = _USUAL


def make_digest(order: DigestOrder, store: Store, as_of: AsOf, made_at: datetime) -> Digest:
    """Make the digest of the period that the order asks for, seen from ``as_of``; it is not kept."""
    period = read_period(order.period, as_of)
    earlier = [d for d in store.past_digests(order.name, order.channel) if d.period_end < period.end]
    told = store.told(order.name, order.channel, period.end)
    return compose_digest(
        audience_of(order.name, told, [(digest.period_start, digest.made_at) for digest in earlier]),
        period,
        as_of,
        observe(order.repositories, store, order.plans),
        made_at=made_at,
        reminding=order.reminding,
    )


def owed(order: DigestOrder, store: Store, now: AsOf) -> AsOf | None:
    """Give the moment of the latest scheduled digest that has not been made, None if nothing is owed.

    Decided from the database: what was due while the bot was down is owed when it
    is back, once, for the period of its day. Nothing is owed for the time before
    the bot first knew of the schedule.
    """
    known_since = store.known_since(order.name, order.channel, now.end)
    due = last_due(order.schedule, now.zone, now.end)
    if due <= known_since:
        return None
    as_of = AsOf.at(due, now.zone)
    period = read_period(order.period, as_of)
    return None if store.delivery_of(order.name, order.channel, period) else as_of


def keep_digest(order: DigestOrder, digest: Digest, chat: Chat, store: Store, *, by: str = "") -> Delivery:
    """Keep a digest with its frozen text for delivery; one that was kept for the period before is given back.

    ``by`` is who wants it posted now, empty where its schedule does.
    """
    state = "skipped" if order.skip_when_quiet and is_quiet(digest) else "pending"
    return store.add_delivery(digest, order.channel, chat.freeze(digest), state=state, by=by)


def make_owed(orders: Sequence[DigestOrder], store: Store, chat: Chat, now: AsOf) -> list[Delivery]:
    """Make and keep every digest that is owed now."""
    kept = []
    for order in orders:
        moment = owed(order, store, now)
        if moment is not None:
            kept.append(keep_digest(order, make_digest(order, store, moment, now.end), chat, store))
            _log.info("digest %s for %s made", order.name, order.channel)
    return kept


def deliver(deliveries: Sequence[Delivery], chat: Chat, store: Store, now: datetime) -> list[Delivery]:
    """Send pending deliveries; give back those that did not arrive.

    A delivery whose attempt ended without an answer stays ``sending``: it may have
    arrived, and sending it again could tell everything twice.
    """
    return [left for delivery in deliveries if (left := _deliver(delivery, chat, store, now)) is not None]


def _deliver(delivery: Delivery, chat: Chat, store: Store, now: datetime) -> Delivery | None:
    if not store.claim(delivery.id, now):
        return None
    try:
        posted = chat.post(delivery.channel, delivery.message, delivery.id)
    except ChatUnavailable as error:
        return _left(delivery, "pending", str(error), store)
    except ChatRefused as error:
        return _left(delivery, "failed", str(error), store)
    except ChatDoubtful as error:
        return _left(delivery, "sending", str(error), store)
    store.settle(delivery.id, "sent", posted=posted)
    _log.info("digest %s posted to %s", delivery.digest, delivery.channel)
    return None


def _left(delivery: Delivery, state: str, error: str, store: Store) -> Delivery:
    store.settle(delivery.id, state, error=error)
    _log.warning("digest %s to %s is %s: %s", delivery.digest, delivery.channel, state, error)
    return replace(delivery, state=state, error=error)
