"""Announcements: what each subscriber is told now, decided from the database and kept before it is sent."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.digests.digest import ReleaseDetails
from bot.domain.periods.period import AsOf
from bot.domain.repositories import Repository
from bot.domain.subscriptions import Announcement, ReleaseEvent, Subscription, announcement_to, named
from bot.services.ports import Chat, ChatError, ChatRefused
from bot.services.subscribers import subscribers

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)


def announce(
    store: "Store", chat: Chat, repositories: Sequence[Repository], now: datetime, zone: ZoneInfo
) -> list[int]:
    """Decide what every subscriber is told now: one message each, kept with its pending delivery, whose numbers return.

    Nothing else decides it, so that it may be called at any time and by several workers: each release is announced
    once to a channel, however that was named. Channels that cannot be posted to wait.
    """
    with store.snapshot():
        sent = store.subscriptions.identities()
        found = _announcements(store, repositories, AsOf.at(now, zone), sent, {})
    asked = _asked((announcement.channel for announcement, _ in found), sent, chat)
    known = {channel: identity for channel, identity in asked.items() if identity is not None}
    if any(channel != identity for channel, identity in known.items()):
        with store.snapshot():
            found = _announcements(store, repositories, AsOf.at(now, zone), sent, known)
    made = []
    for announcement, subscriptions in found:
        channel = announcement.channel
        if asked.get(channel, channel) is None or chat.missing(channel) is not None:
            continue
        fitting, message = _frozen(announcement, subscriptions, chat)
        number = store.subscriptions.announce(fitting, message, now)
        if number is not None:
            made.append(number)
            _log.info("%d releases announced to %s", len(fitting.items), fitting.channel)
    return made


def _asked(channels: Iterable[str], sent: Mapping[str, str], chat: Chat) -> dict[str, str | None]:
    """Ask chats for the ids of channels to which nothing was sent yet: each may be another's second name.

    None for a channel whose chat does not answer: it has to wait.
    """
    return {channel: _identity(channel, chat) for channel in channels if channel not in sent}


def _identity(channel: str, chat: Chat) -> str | None:
    try:
        return chat.identify(channel)
    except ChatRefused:
        # The delivery will show what is wrong there.
        return channel
    except ChatError:
        return None


def _announcements(
    store: "Store",
    repositories: Sequence[Repository],
    now: AsOf,
    sent: Mapping[str, str],
    asked: Mapping[str, str],
) -> list[tuple[Announcement, Sequence[Subscription]]]:
    """Return what each subscriber is to be told now, with the subscriptions by which that was decided."""
    names = {each.key: each.name for each in repositories}
    found = (
        (announcement_to(each, names, now.end, now.zone), each.subscriptions)
        for each in subscribers(store, list(names), sent, asked)
    )
    return [(_described(made, repositories, store), own) for made, own in found if made is not None]


def _described(announcement: Announcement, repositories: Sequence[Repository], store: "Store") -> Announcement:
    """Return an announcement with what is recorded of its new releases' notes."""
    by_key = {each.key: each for each in repositories}
    notes = store.notes.of([item.key for item in announcement.items if item.event is ReleaseEvent.OUT])
    return replace(announcement, details={key: ReleaseDetails(by_key[key[0]], notes[key]) for key in notes})


def _frozen(announcement: Announcement, subscriptions: Sequence[Subscription], chat: Chat) -> tuple[Announcement, str]:
    """Return as much of an announcement as one message can name, and that message."""
    frozen = chat.freeze_announcement(announcement.channel, announcement)
    while frozen.unnamed and len(announcement.items) > 1:
        fitting = max(1, len(announcement.items) - len(frozen.unnamed))
        announcement = named(announcement, subscriptions, fitting)
        frozen = chat.freeze_announcement(announcement.channel, announcement)
    return announcement, frozen.message
