"""The stream of what happens in the bot's rooms: long polls of ``/sync``, from where the last one ended."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from ssl import SSLCertVerificationError
from threading import Event, Lock, Thread
from typing import Any, Protocol

from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.responses import (
    Json,
    MatrixError,
    Rejected,
    Response,
    Unanswered,
    Unreachable,
    object_of,
    objects_of,
)
from bot.chats.matrix.sync_format import invites_of, joined_of, sync_filter, timeline_filter
from bot.domain.errors import BotError
from bot.domain.values import dataclass

_log = logging.getLogger(__name__)

# The longest delay after a failure, the jitter of each, and the longest wait that a homeserver may ask for.
_LONGEST_WAIT, _JITTER, _LONGEST_ASKED = 60.0, 0.25, 300.0
# What came while the bot was busy or away is read back so far: pages of so many messages in one room.
_PAGE, _MOST_PAGES = 100, 30
_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND = 400, 403, 404
# How homeservers say of ``/sync`` that they do not know a position: it is of another database.
_UNKNOWN_POSITION = {"M_UNKNOWN", "M_INVALID_PARAM", "M_UNKNOWN_POS"}


@dataclass(frozen=True, slots=True)
class Waits:
    """Times in seconds: the ``first`` delay after a failure, doubled each time, and how long a ``poll`` waits."""

    first: float = 1.0
    poll: float = 30.0


class Positions(Protocol):
    """Where streams were left, by their names."""

    def read(self, name: str) -> str:
        """Return the position of a stream, empty where none is known. Raises BotError."""
        ...

    def write(self, name: str, position: str) -> None:
        """Record the position of a stream; an empty one forgets it. Raises BotError."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What a poll brought: new direct rooms (None if unchanged), invitations, and by room its events, oldest first."""

    direct: Json | None
    invites: dict[str, list[Json]]
    events: dict[str, list[Json]]


class Handler(Protocol):
    """Handles what comes."""

    def begin(self) -> None:
        """Learn what has to be known, before the first poll and after each failure. Raises MatrixError."""
        ...

    def take(self, batch: Batch) -> Callable[[], bool]:
        """Begin to handle a batch, and return what tells whether all of it is done."""
        ...


class _PositionUnknown(Exception):
    """The homeserver does not know the position of the stream; ``error`` is what it answered."""

    def __init__(self, error: Rejected) -> None:
        super().__init__(error)
        self.error = error


class Stream:
    """Polls the homeserver in a thread of its own, for ever, and passes on what comes.

    The position of a batch is recorded once all of it is done: another process goes on there. ``chat`` is the chat's
    name, ``table`` its configuration table.
    """

    def __init__(
        self,
        api: MatrixApi,
        positions: Positions,
        handler: Handler,
        *,
        chat: str,
        table: str,
        waits: Waits,
    ) -> None:
        self._api = api
        self._positions = positions
        self._handler = handler
        self._chat = chat
        self._table = table
        self._waits = waits
        self._stopped = Event()
        # Held while something of a poll is passed on: not after the end.
        self._guard = Lock()
        self._recorded = ""
        self._reached: list[tuple[str, Callable[[], bool]]] = []
        self.is_connected = False

    def start(self) -> None:
        """Start polling, and return at once."""
        # A long poll cannot be ended from here: the thread does nothing more once it returns.
        Thread(target=self._listen, name="matrix-sync", daemon=True).start()

    def close(self) -> None:
        """Pass on nothing more."""
        self._stopped.set()
        with self._guard:
            pass

    def wait(self, seconds: float) -> bool:
        """Wait, at most until the end; return whether that has come."""
        return self._stopped.wait(seconds)

    def _listen(self) -> None:
        wait, drawn, since = self._waits.first, Random(), ""  # noqa: S311 - spreads waits, guards nothing
        while not self._stopped.is_set():
            try:
                since = self._polled(since) if since else self._first()
                wait = self._waits.first
            except _PositionUnknown as unknown:
                self._forget(unknown.error)
                since = ""
                self._stopped.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            except Exception as error:  # noqa: BLE001 - a failing chat must not end the worker
                least = _asked_wait(error)
                self._log(error, max(wait, least))
                since = ""
                self._stopped.wait(max(wait * drawn.uniform(1 - _JITTER, 1 + _JITTER), least))
                wait = min(2 * wait, _LONGEST_WAIT)

    def _first(self) -> str:
        """Return where to begin: where the stream was left, else now; what was said before now is not answered."""
        self._handler.begin()
        since = self._recorded = self._positions.read(self._position)
        response = self._asked(0, {})
        found = response.data
        if since:
            # An invitation before the position may have failed: only a sync from the beginning has it again.
            with self._guard:
                if not self._stopped.is_set():
                    self._handler.take(Batch(None, invites_of(found), {}))
            return since
        since = response.text("next_batch")
        rooms = {room: objects_of(object_of(each, "state").get("events")) for room, each in joined_of(found).items()}
        self._pass_on(Batch(None, invites_of(found), rooms), since)
        return since

    def _polled(self, since: str) -> str:
        # The first poll only shows that the homeserver knows the position.
        wait = self._waits.poll if self.is_connected else 0.0
        began = time.monotonic()
        try:
            response = self._asked(_PAGE, {"since": since, "timeout": int(wait * 1000)})
        except Rejected as error:
            if error.status == _BAD_REQUEST and error.errcode in _UNKNOWN_POSITION:
                raise _PositionUnknown(error) from error
            raise
        reached, found = response.text("next_batch"), response.data
        if wait and not object_of(found, "rooms") and time.monotonic() - began < wait / 2:
            # A server or proxy that ignores the time-out would be asked without a pause.
            self._stopped.wait(self._waits.first)
        events = {room: self._events(room, each, since) for room, each in joined_of(found).items()}
        direct = [object_of(each, "content") for each in objects_of(object_of(found, "account_data").get("events"))]
        self._pass_on(Batch(direct[-1] if direct else None, invites_of(found), events), reached)
        if not self.is_connected and not self._stopped.is_set():
            self.is_connected = True
            _log.info("%s is connected", self._table)
        return reached

    def _asked(self, limit: int, query: Mapping[str, Any]) -> Response:
        common = {"filter": sync_filter(self._api.user(), limit), "set_presence": "offline"}
        return self._api.get("sync", query={**query, **common}, wait=self._waits.poll)

    def _pass_on(self, batch: Batch, reached: str) -> None:
        """Pass on a batch, and record the last position before which all is done."""
        with self._guard:
            if self._stopped.is_set():
                return
            self._reached.append((reached, self._handler.take(batch)))
            while self._reached and self._reached[0][1]():
                done, _ = self._reached.pop(0)
                self._record(done)

    @property
    def _position(self) -> str:
        """Return the name of the position, which is of an account. Raises MatrixError."""
        return f"{self._chat} {self._api.user()}"

    def _record(self, position: str) -> None:
        if position != self._recorded:
            self._positions.write(self._position, position)
            self._recorded = position

    def _events(self, room: str, joined: Json, since: str) -> list[Json]:
        """Return the events of a room, oldest first; those that a limited timeline left out are fetched."""
        timeline = object_of(joined, "timeline")
        start, is_limited = timeline.get("prev_batch"), timeline.get("limited") is True
        pages = list(self._before(room, start, since)) if is_limited and isinstance(start, str) else []
        before = [event for page in pages for event in page]
        return [
            *reversed(before),
            *objects_of(object_of(joined, "state").get("events")),
            *objects_of(timeline.get("events")),
        ]

    def _before(self, room: str, start: str, since: str) -> Iterator[list[Json]]:
        """Yield pages of a room's events back from a position to another, newest first."""
        wanted = json.dumps(timeline_filter(self._api.user()))
        for _ in range(_MOST_PAGES):
            if self._stopped.is_set():
                return
            asked = {"dir": "b", "limit": _PAGE, "from": start, "to": since, "filter": wanted}
            try:
                page = self._api.get("rooms", room, "messages", query=asked)
            except Rejected as error:
                if error.status not in (_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND):
                    raise
                # One room's history must not hold up all others.
                _log.warning("cannot read back room %s (%s): earlier messages are not answered", room, why(error))
                return
            yield page.objects("chunk")
            end = page.data.get("end")
            if not isinstance(end, str) or end == start:
                return
            start = end
        _log.warning("more came in room %s than is read back: earlier messages are not answered", room)

    def _log(self, error: Exception, wait: float) -> None:
        self.is_connected = False
        if self._stopped.is_set():
            return
        if isinstance(error, MatrixError | BotError):
            _log.warning("%s is not connected (%s); retrying in %.0f s", self._table, why(error), wait)
        else:
            _log.exception("cannot read what came from Matrix")

    def _forget(self, error: Rejected) -> None:
        """Forget a position that the homeserver does not know: it does not say where that was, so now is the next."""
        self.is_connected = False
        if self._stopped.is_set():
            return
        what = "%s: the homeserver does not know the stored position (%s); messages sent since then are not answered"
        _log.warning(what, self._table, why(error))
        with suppress(MatrixError, BotError):
            self._positions.write(self._position, "")


def why(error: Exception) -> str:
    """Return the reason of an error in short."""
    match error:
        case Unreachable(reason=SSLCertVerificationError() as distrust):
            return f"its TLS certificate is not trusted: {distrust.verify_message}"
        case Unreachable(reason=ValueError() as invalid):
            return str(invalid)
        case Unreachable():
            return type(error.reason).__name__
        case Unanswered():
            return error.what
        case Rejected():
            return f"{error.errcode}: {error.text}" if error.text else error.errcode
    return str(error)


def _asked_wait(error: Exception) -> float:
    """Return how long the homeserver asks to wait, in seconds."""
    asked = error.retry_after if isinstance(error, MatrixError) else None
    return min(asked or 0.0, _LONGEST_ASKED)
