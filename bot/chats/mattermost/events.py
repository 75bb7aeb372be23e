"""Mattermost's web socket: the bot connects to the server, so that no public URL is needed.

What was missed while it was not connected, or between two events, is read from the channels.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from ssl import SSLCertVerificationError
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from bot.chats.mattermost.client import MattermostClient
from bot.chats.mattermost.listener import Post, PostListener
from bot.chats.mattermost.stream import Sign, Stream, connect, object_of
from bot.domain.errors import BotError
from bot.network.websocket import BoundedWebSocket
from bot.services.ports import ChatRefused, ChatUnavailable
from bot.web.app import Mount

_log = logging.getLogger(__name__)

# The longest delay before reconnecting, in seconds, and the jitter of each delay.
_LONGEST_WAIT, _JITTER = 60.0, 0.25
# Messages of so long before the start are answered too: somebody may have asked while the bot was restarted.
_BEFORE = timedelta(minutes=2)
# Events of so many milliseconds before the last one are read again after a gap: clocks of a cluster differ.
_OVERLAP = 5_000


class EventListener:
    """Listens through a web socket in its own threads, until it is closed; it retries for ever.

    ``first`` is the first delay before reconnecting, in seconds, doubled each time; ``ping`` the interval of pings: a
    dead connection is detected after six.
    """

    def __init__(
        self,
        client: MattermostClient,
        posts: PostListener,
        *,
        mounts: tuple[Mount, ...] = (),
        first: float = 1.0,
        ping: float = 5.0,
    ) -> None:
        self.mounts = mounts
        self._client = client
        self._posts = posts
        self._first = first
        self._ping = ping
        self._name = client.api.table
        self._stopped = Event()
        self._connected = Event()
        self._guard = Lock()
        self._connection: BoundedWebSocket | None = None
        # The time of the newest message that was seen, in milliseconds by the server's clock; 0 before the first.
        self._seen = 0
        # Since when it is to be read what was posted meanwhile, None where nothing was missed; and how often it was.
        self._behind: int | None = None
        self._gaps = 0
        self._reading = Thread(target=self._stay_connected, name="chat-read", daemon=True)

    def start(self) -> None:
        """Start connecting, and return at once."""
        self._reading.start()

    @property
    def is_connected(self) -> bool:
        """Return whether Mattermost is connected, and knows the bot."""
        return self._connected.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is connected; return whether it is."""
        return self._connected.wait(seconds)

    def close(self) -> None:
        """Stop listening once running answers are sent."""
        self._stopped.set()
        with self._guard:
            if self._connection is not None:
                self._connection.stop()
        if self._reading.ident is not None:
            self._reading.join()
        self._posts.close()

    def _stay_connected(self) -> None:
        wait, drawn = self._first, Random()  # noqa: S311 - spreads waits, guards nothing
        while not self._stopped.is_set():
            began, least = monotonic(), 0.0
            try:
                self._listen()
                why = "the server closed the connection"
            except Exception as error:  # noqa: BLE001 - a failing chat must not end the worker
                why, least = self._why(error), getattr(error, "retry_after", None) or 0.0
            self._connected.clear()
            if self._stopped.is_set():
                return
            if monotonic() - began > _LONGEST_WAIT:
                wait = self._first
            pause = max(wait * drawn.uniform(1 - _JITTER, 1 + _JITTER), min(least, _LONGEST_WAIT))
            _log.warning("%s is not connected (%s); retrying in %.0f s", self._name, why, pause)
            self._stopped.wait(pause)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _listen(self) -> None:
        """Connect, and read until the connection ends. Raises ChatError, OSError, websocket-client's errors."""
        if not self._seen:
            at = self._client.api.date()
            if at is None:
                raise ChatUnavailable(self._name, "Mattermost does not answer")
            self._seen = int((at - _BEFORE).timestamp() * 1000)
        self._client.api.get(self._name, "/users/me")
        connection = connect(self._client.api, self._ping)
        try:
            with self._guard:
                self._connection = connection
            if not self._stopped.is_set():
                self._read(connection)
        finally:
            with self._guard:
                self._connection = None
            connection.close()

    def _read(self, connection: BoundedWebSocket) -> None:
        # What is posted while the connection begins says nothing of what was missed before.
        before = self._seen
        for event in Stream(connection, self._client.api.token).events():
            if event is Sign.READY:
                _log.info("%s is connected", self._name)
                self._connected.set()
            if isinstance(event, Sign):
                self._missed((before if event is Sign.READY else self._seen) - _OVERLAP)
            else:
                self._take(event)

    def _take(self, event: Mapping[str, Any]) -> None:
        if event.get("event") == "posted" and isinstance(data := event.get("data"), dict):
            self._take_post(object_of(data.get("post")), data.get("channel_type"))

    def _take_post(self, written: Mapping[str, Any], kind: object) -> None:
        if isinstance(at := written.get("create_at"), int):
            self._seen = max(self._seen, at)
        post = Post.read(written, kind)
        if post is not None:
            self._posts.take(post)

    def _missed(self, since: int) -> None:
        """Read what was posted since a moment, in the answering threads; once, however often it is asked for."""
        with self._guard:
            is_begun, self._behind = self._behind is not None, min(since, self._behind or since)
            self._gaps += 1
        if not is_begun:
            self._posts.run(self._catch_up)

    def _catch_up(self) -> None:
        """Answer what was posted meanwhile; what was answered already is known by its id."""
        wait = self._first
        while (begun := self._begun()) is not None and not self._stopped.is_set():
            since, gaps = begun
            try:
                self._answer_since(since)
            except ChatUnavailable as error:
                _log.warning("cannot read what was posted meanwhile: %s", error)
                self._stopped.wait(max(wait, error.retry_after or 0.0))
                wait = min(2 * wait, _LONGEST_WAIT)
            except BaseException:
                self._behind = None
                raise
            else:
                with self._guard:
                    # What was missed since then may be in a channel that had been read already.
                    self._behind = self._behind if self._gaps > gaps else None

    def _begun(self) -> tuple[int, int] | None:
        """Return since when to read and after how many gaps; None where nothing was missed."""
        with self._guard:
            return None if self._behind is None else (self._behind, self._gaps)

    def _answer_since(self, since: int) -> None:
        for channel in self._client.channels():
            if self._stopped.is_set():
                return
            number, last = channel.get("id"), channel.get("last_post_at")
            if isinstance(number, str) and isinstance(last, int) and last > since:
                try:
                    posts = self._client.posts_since(number, since)
                except ChatRefused as error:
                    _log.warning("cannot read a channel: %s", error)
                    continue
                for written in posts:
                    self._take_post(written, channel.get("type"))

    def _why(self, error: BaseException) -> str:
        """Return the reason of an error, without anything secret."""
        if isinstance(error, BotError):
            return error.what
        seen: BaseException | None = error
        while seen is not None:
            if isinstance(seen, SSLCertVerificationError):
                hint = f"set ca_file in [{self._name}] to its authority"
                return f"its TLS certificate is not trusted: {seen.verify_message}; {hint}"
            seen = seen.__cause__ or seen.__context__
        return type(error).__name__
