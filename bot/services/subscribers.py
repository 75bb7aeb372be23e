"""Subscribers: channels, each once though it has several names, with what each was told and what came for it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.releases import Key, key_of
from bot.domain.subscriptions import Arrival, NotifiedRelease, Subscriber, Subscription
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel under all names that somebody subscribed, with all subscriptions that it ever had."""

    identity: str
    subscriptions: Sequence[Subscription]

    @property
    def names(self) -> Sequence[str]:
        return list(dict.fromkeys(each.channel for each in self.subscriptions))

    @property
    def active(self) -> Sequence[Subscription]:
        return [each for each in self.subscriptions if each.ended_at is None]

    def address(self, sent: Container[str]) -> str:
        """Return the name to send to: one that nothing was sent to yet, so that its id is known from then on.

        Else its id, which stays when a channel is renamed, if that is one of its names.
        """
        names = [each.channel for each in self.active or self.subscriptions]
        new = (name for name in names if name not in sent and name != self.identity)
        return next(new, self.identity if self.identity in names else names[0])

    def seen(self, keys: Sequence[str]) -> dict[tuple[str, str], int]:
        """Return by each name and repository since which revision of its record the channel has been subscribed."""
        since = {key: [each.seen for each in self.active if each.is_of(key)] for key in keys}
        return {(name, key): min(revisions) for key, revisions in since.items() if revisions for name in self.names}


def subscribers(
    store: "Store", keys: Sequence[str], sent: Mapping[str, str], asked: Mapping[str, str]
) -> list[Subscriber]:
    """Return every subscriber with what it was told of repositories, and what it was not.

    ``sent`` and ``asked`` have the ids of channels in their chats, by name: as messages were sent there, and as the
    chats said. Two names of one channel are one subscriber.
    """
    identities = {**sent, **asked}
    by_identity: dict[str, list[Subscription]] = {}
    for each in store.subscriptions.all():
        by_identity.setdefault(identities.get(each.channel, each.channel), []).append(each)
    if not by_identity:
        return []
    channels = [_Channel(identity, own) for identity, own in by_identity.items()]
    arrivals = store.subscriptions.arrivals({key: since for each in channels for key, since in each.seen(keys).items()})
    notified = store.subscriptions.changed(keys)
    return [
        Subscriber(
            each.address(sent),
            each.subscriptions,
            _untold([arrivals.get(name, ()) for name in each.names]),
            _merged(item for name in each.names for item in notified.get(name, ())),
        )
        for each in channels
    ]


def _untold(arrivals: Sequence[Sequence[Arrival]]) -> Sequence[Arrival]:
    """Return the releases that a channel was told of under none of its names."""
    first, *others = ({key_of(each.release): each for each in some} for some in arrivals)
    return [arrival for key, arrival in first.items() if all(key in other for other in others)]


def _merged(notified: Iterable[NotifiedRelease]) -> Sequence[NotifiedRelease]:
    """Return each release that a channel was told of once, with all that it was told of that."""
    found: dict[Key, NotifiedRelease] = {}
    for each in notified:
        known = found.setdefault(key_of(each.release), each)
        found[key_of(each.release)] = replace(known, events=known.events | each.events)
    return list(found.values())
