"""Announcements: what each subscriber is told now, decided from the database and kept before it is sent."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.digests.digest import ReleaseDetails
from bot.domain.repositories import Repository
from bot.domain.subscriptions import Announcement, ReleaseEvent, Subscriber, Subscription, announcement_to, named
from bot.services.ports import Chat

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)


def announce(
    store: "Store", chat: Chat, repositories: Sequence[Repository], now: datetime, zone: ZoneInfo
) -> list[int]:
    """Decide what every subscriber is told now: one message each, kept with its pending delivery, whose numbers return.

    Nothing else decides it, so that it may be called at any time and by several workers: each release is announced
    once to a channel. Channels that cannot be posted to wait.
    """
    with store.snapshot():
        found = [
            (_described(announcement, repositories, store), own)
            for announcement, own in _announcements(store, repositories, now, zone)
        ]
    made = []
    for announcement, subscriptions in found:
        if chat.missing(announcement.channel) is not None:
            continue
        fitting, message = _frozen(announcement, subscriptions, chat)
        number = store.subscriptions.announce(fitting, message, now)
        if number is not None:
            made.append(number)
            _log.info("%d releases announced to %s", len(fitting.items), fitting.channel)
    return made


def _announcements(
    store: "Store", repositories: Sequence[Repository], now: datetime, zone: ZoneInfo
) -> list[tuple[Announcement, Sequence[Subscription]]]:
    """Return what each subscriber is to be told now, with the subscriptions by which that was decided."""
    by_channel: dict[str, list[Subscription]] = {}
    for each in store.subscriptions.all():
        by_channel.setdefault(each.channel, []).append(each)
    if not by_channel:
        return []
    keys, names = [each.key for each in repositories], {each.key: each.name for each in repositories}
    arrivals = store.subscriptions.arrivals(_seen(by_channel, keys))
    told = store.subscriptions.changed(keys)
    subscribers = (
        Subscriber(channel, own, arrivals.get(channel, ()), told.get(channel, ()))
        for channel, own in by_channel.items()
    )
    found = ((announcement_to(each, names, now, zone), each.subscriptions) for each in subscribers)
    return [(announcement, own) for announcement, own in found if announcement is not None]


def _described(announcement: Announcement, repositories: Sequence[Repository], store: "Store") -> Announcement:
    """Return an announcement with what is recorded of its new releases' notes."""
    by_key = {each.key: each for each in repositories}
    notes = store.notes.of([item.key for item in announcement.items if item.event is ReleaseEvent.OUT])
    return replace(announcement, details={key: ReleaseDetails(by_key[key[0]], notes[key]) for key in notes})


def _seen(by_channel: dict[str, list[Subscription]], keys: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return since which revision a channel has been subscribed to a repository, for those that go on."""
    since: dict[tuple[str, str], int] = {}
    for channel, own in by_channel.items():
        active = [each for each in own if each.ended_at is None]
        for key in keys:
            revisions = [each.seen for each in active if each.is_of(key)]
            if revisions:
                since[channel, key] = min(revisions)
    return since


def _frozen(announcement: Announcement, subscriptions: Sequence[Subscription], chat: Chat) -> tuple[Announcement, str]:
    """Return as much of an announcement as one message can name, and that message."""
    frozen = chat.freeze_announcement(announcement.channel, announcement)
    while frozen.unnamed and len(announcement.items) > 1:
        fitting = max(1, len(announcement.items) - len(frozen.unnamed))
        announcement = named(announcement, subscriptions, fitting)
        frozen = chat.freeze_announcement(announcement.channel, announcement)
    return announcement, frozen.message
