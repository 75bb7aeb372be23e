"""Reporting: which digests are owed, and what they say."""

import logging
from collections.abc import Callable, Container, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.certification.certification import Plan
from bot.domain.digests.archive import DigestId
from bot.domain.digests.compose import Reminding, compose_digest, is_quiet
from bot.domain.digests.continuity import (
    PastDigest,
    continued,
    earlier,
    is_retold,
    previous_of,
    since_last,
    since_meeting,
)
from bot.domain.digests.delivery import Delivery, DeliveryState
from bot.domain.digests.digest import LATE_AFTER, Digest, Problem
from bot.domain.digests.news import audience_of
from bot.domain.digests.schedule import all_due, last_due
from bot.domain.errors import UsageError
from bot.domain.periods.options import is_since_last, is_since_meeting, read_period
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import key_of
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.services.digest_details import with_details
from bot.services.observations import Scope, observe
from bot.services.ports import Chat

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

_USUAL = Reminding(stale_after=timedelta(hours=2), due_within=timedelta(days=7))


@dataclass(frozen=True, slots=True)
class DigestOrder:
    """A digest as it is configured: for whom, about what, and when.

    ``schedule`` is a crontab, read in the zone of the moment that it is compared with; empty for
    a digest that is only made on command. ``catch_up`` says which missed digests are made:
    ``last``, ``all`` or ``none``. ``organisations`` are the keys of the organisations whose
    repositories the digest covers, ``meetings`` the days that the period since-meeting goes by. ``page_of`` gives the
    URL of the page of one that was kept, and of its archive for None; empty where nothing links to pages.
    """

    name: str
    channel: str
    period: str
    repositories: Sequence[Repository]
    schedule: str = ""
    skip_when_quiet: bool = False
    catch_up: str = "last"
    plans: Sequence[Plan] = ()
    reminding: Reminding = _USUAL
    organisations: Sequence[str] = ()
    meetings: Sequence[date] = ()
    page_of: Callable[[str, str, DigestId | None], str] = field(default=lambda *_: "", repr=False, compare=False)


def make_digest(
    order: DigestOrder,
    store: "Store",
    as_of: AsOf,
    made_at: datetime,
    *,
    unchecked: Container[str] = frozenset(),
) -> Digest:
    """Make the digest of the period that the order asks for, seen from ``as_of``; it is not kept.

    ``unchecked`` are the keys of repositories that could not be polled in time for it.
    Raises UsageError where the period goes by a schedule and there is none.
    """
    with store.snapshot():
        slot = slot_of(order, as_of)
        made = store.digests.past(order.name, order.channel, untold=True)
        period = _period(order, as_of, slot, made)
        before = audience_of(order.name, period, slot, made)
        scope = Scope(
            order.repositories,
            period,
            as_of,
            made_at,
            before,
            plans=order.plans,
            unchecked=unchecked,
            seen={} if before.previous is None else store.digests.seen_by(before.previous.id),
            left=store.digests.left_open(
                order.name, order.channel, [each.id for each in made if each.is_of(period, slot)]
            ),
        )
        observed = observe(scope, store)
        named = {key_of(release) for each in observed for release in each.releases}
        audience = audience_of(order.name, period, slot, made, store.digests.mentions(order.name, order.channel, named))
        problems = _unlisted(order, store, min(period.end, as_of.end))
    digest = compose_digest(audience, period, as_of, observed, made_at=made_at, reminding=order.reminding)
    ledger = replace(digest.ledger, slot=slot)
    composed = replace(digest, ledger=ledger, problems=(*digest.problems, *problems))
    return with_details(composed, order.repositories, store)


def orders_named(name: str | None, digests: Sequence[DigestOrder]) -> list[DigestOrder]:
    """Return a digest by name, the first where none is named, for each of its channels. Raises UsageError."""
    wanted_name = digests[0].name if name is None and digests else name
    found = [order for order in digests if order.name == wanted_name]
    if not found:
        known = ", ".join(dict.fromkeys(order.name for order in digests)) or "none"
        raise UsageError(f'digest "{name or ""}"', "not configured", f"configured: {known}")
    return found


def slot_of(order: DigestOrder, as_of: AsOf) -> datetime | None:
    """Return the last moment of a digest's schedule at or before ``as_of``, None where it has no schedule."""
    return last_due(order.schedule, as_of.zone, as_of.end) if order.schedule else None


def _period(order: DigestOrder, as_of: AsOf, slot: datetime | None, past: Sequence[PastDigest]) -> Period:
    if not _goes_by_schedule(order):
        asked = read_period(order.period, as_of)
        return continued(asked, [each.period for each in earlier(past, asked.end, slot)])
    if slot is None:
        hint = 'give it a schedule, or a period such as "7d"'
        raise UsageError(f'digest "{order.name}"', f"has no schedule for its period {order.period} to go by", hint)
    return _up_to_slot(order, slot, as_of.zone, previous_of(past, slot, slot))


def _goes_by_schedule(order: DigestOrder) -> bool:
    return is_since_last(order.period) or is_since_meeting(order.period)


def _up_to_slot(order: DigestOrder, slot: datetime, zone: ZoneInfo, previous: PastDigest | None) -> Period:
    """Return the period of an order that goes by its schedule: since the last meeting, or since ``previous``."""
    if is_since_meeting(order.period):
        return since_meeting(order.meetings, order.schedule, slot, zone)
    return since_last(order.schedule, slot, zone, previous)


def _unlisted(order: DigestOrder, store: "Store", until: datetime) -> list[Problem]:
    """Say which organisations were not listed as late as the period reaches: repositories new there are not known."""
    listings = store.watchlist.listings() if order.organisations else {}
    text = "cannot be listed ({error}): new repositories are missing here"
    return [
        Problem(key, text.format(error=listing.error))
        for key, listing in listings.items()
        if key in order.organisations
        and listing.error is not None
        and (listing.listed_at is None or listing.listed_at < until)
    ]


def owed(order: DigestOrder, store: "Store", now: AsOf) -> list[AsOf]:
    """Return the moments, oldest first, of the scheduled digests that were due and have not been made.

    Decided from the database: what was due while the bot was down is owed when it is
    back, as ``catch_up`` says. Nothing is owed for the time before the bot first knew
    of the schedule, nor for a period of which a digest was made.
    """
    known_since = store.digests.known_since(order.name, order.channel, now.end)
    after = max(known_since, store.digests.last_slot(order.name, order.channel, now.end) or known_since)
    moments = [AsOf.at(due, now.zone) for due in _due(order, after, now)]
    # Asked every minute, and nearly always in vain: what was made is read only where something was due.
    past = store.digests.past(order.name, order.channel) if moments else ()
    return [moment for moment in moments if not _is_made(order, moment, past, store)]


def _due(order: DigestOrder, after: datetime, now: AsOf) -> Sequence[datetime]:
    if order.catch_up == "all":
        return all_due(order.schedule, now.zone, after, now.end)
    latest = last_due(order.schedule, now.zone, now.end)
    is_missed = order.catch_up == "none" and now.end - latest > LATE_AFTER
    return [latest] if latest > after and not is_missed else []


def _is_made(order: DigestOrder, moment: AsOf, past: Sequence[PastDigest], store: "Store") -> bool:
    """Whether a digest was made for a moment of the schedule, or for its period, perhaps in another zone."""
    slot = moment.end
    if _goes_by_schedule(order):
        # Its nominal interval: since the last digest there may be less, where the zone was changed.
        period = _up_to_slot(order, slot, moment.zone, None)
    else:
        period = read_period(order.period, moment)
    is_known = store.deliveries.of(order.name, order.channel, period, slot)
    return bool(is_known) or is_retold(period, [each.period for each in past])


def id_of(order: DigestOrder, digest: Digest) -> DigestId:
    """Return what tells a digest of an order from others; of those of one slot, the first."""
    return DigestId(order.name, order.channel, digest.period.start, digest.period.end, digest.ledger.slot)


def with_page(order: DigestOrder, digest: Digest, store: "Store") -> Digest:
    """Return a digest that is not kept with the page of the one that was kept for its slot, else of the archive."""
    of = id_of(order, digest)
    kept = of if store.archive.find(of) is not None else None
    return replace(digest, page=order.page_of(order.name, order.channel, kept))


def keep_digest(
    order: DigestOrder, digest: Digest, chat: Chat, store: "Store", *, by: str = "", again: bool = False
) -> Delivery:
    """Keep a digest with its frozen text for delivery; one that was kept for the slot before is given back.

    ``by`` is who wants it posted now, empty where its schedule does; ``again`` wants it
    beside the one of the slot.
    """
    state = DeliveryState.SKIPPED if order.skip_when_quiet and is_quiet(digest) else DeliveryState.PENDING
    # Of two that are posted again at one moment, both may link to the page of one; it names the other.
    of = replace(id_of(order, digest), copy=store.deliveries.next_copy(digest, order.channel) if again else 0)
    digest = replace(digest, page=order.page_of(order.name, order.channel, of))
    return store.deliveries.add(
        digest, order.channel, chat.freeze(order.channel, digest), state=state, by=by, again=again
    )


def make_owed(
    orders: Sequence[DigestOrder],
    store: "Store",
    chat: Chat,
    now: AsOf,
    unchecked: Container[str] = frozenset(),
    *,
    to_maintain: Callable[[Digest], None] = lambda _: None,
) -> list[Delivery]:
    """Make and keep every digest that is owed now, the oldest first: what one tells is not told by the next.

    ``unchecked`` are the keys of repositories that could not be polled in time for them. ``to_maintain`` hears of each
    digest that was kept, once for all of its channels.
    """
    kept = []
    first = {order.name: order.channel for order in reversed(orders)}
    for order in orders:
        for moment in owed(order, store, now):
            digest = replace(make_digest(order, store, moment, now.end, unchecked=unchecked), due=moment.end)
            kept.append(keep_digest(order, digest, chat, store))
            _log.info("digest %s for %s made", order.name, order.channel)
            if order.channel == first[order.name]:
                to_maintain(digest)
    return kept
