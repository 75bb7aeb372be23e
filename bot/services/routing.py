"""Routing: which of the places a channel is at; the bot's own chat has every channel that is no other place."""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock

from bot.domain.digests import Digest
from bot.domain.errors import UsageError
from bot.services.ports import ChatRefused, ChatUnavailable, Conversation, Frozen, Place, Posted, Search

_AT = "at"


class Posting:
    """Whether something is being posted just now; threads share it."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._count = 0

    @property
    def is_under_way(self) -> bool:
        """Whether a post has been begun and not ended."""
        return self._count > 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a post for as long as it takes."""
        with self._guard:
            self._count += 1
        try:
            yield
        finally:
            with self._guard:
                self._count -= 1


class Routes:
    """The bot's own chat and other places, by name, as one; a ``UsageError`` instead says why one is not there."""

    def __init__(
        self, own: Conversation | UsageError, places: Mapping[str, Place | UsageError], posting: Posting | None = None
    ) -> None:
        self._own = own
        self._places = places
        self._posting = posting or Posting()

    def missing(self, channel: str) -> UsageError | None:
        """Say what is missing before anything can be posted to a channel, None where all is there."""
        place = self._at(channel)
        return place if isinstance(place, UsageError) else None

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Write the message. Raises UsageError where the channel's place is missing."""
        place = self._at(channel)
        if isinstance(place, UsageError):
            raise place
        frozen = place.freeze(channel, digest)
        if channel not in self._places:
            return frozen
        return replace(frozen, message=json.dumps(json.loads(frozen.message) | {_AT: channel}, ensure_ascii=False))

    def clock(self, channel: str) -> datetime | None:
        """Return the time by the clock of a channel's service, None where it does not tell."""
        place = self._at(channel)
        return None if isinstance(place, UsageError) else place.clock(channel)

    def post(self, channel: str, message: str, key: str, deadline: float = math.inf) -> Posted:
        """Post a frozen message before a moment of ``time.monotonic``.

        Raises ChatError, ChatUnavailable where the channel's place is missing.
        """
        if (channel in self._places) != (_AT in json.loads(message)):
            what = "its message was made before the configuration said where this channel is"
            raise ChatRefused(channel, what, "release-bot deliveries drop, and the next digest tells it as late")
        with self._posting.one():
            return self._there(channel).post(channel, message, key, deadline)

    def find(self, channel: str, key: str, since: datetime | None) -> Search:
        """Search for a delivery's message. Raises ChatUnavailable, or ChatRefused where it cannot be searched for."""
        return self._there(channel).find(channel, key, since)

    def delete(self, channel: str, posted: Posted) -> None:
        """Delete one of the bot's own messages. Raises ChatError."""
        self._there(channel).delete(channel, posted)

    def tell(self, user: str, text: str) -> None:
        """Write to one person, in the bot's own chat. Raises ChatError."""
        if isinstance(self._own, UsageError):
            raise ChatRefused(user, self._own.what, self._own.hint)
        self._own.tell(user, text)

    def _at(self, channel: str) -> Place | UsageError:
        return self._places.get(channel, self._own)

    def _there(self, channel: str) -> Place:
        place = self._at(channel)
        if isinstance(place, UsageError):
            raise ChatUnavailable(channel, place.what, place.hint)
        return place
