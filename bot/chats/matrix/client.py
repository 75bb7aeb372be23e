"""The Matrix client: sends each event at most once, and classifies each failure.

A transaction id, which is the delivery's key, makes a repeated send return the first event: the homeserver remembers
it for the device of the token. The event has the key too, and is searched for by it where nothing else is known.
"""

import json
import math
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.direct import DirectRooms
from bot.chats.matrix.messages import MatrixMessage, render_announcement, render_digest, render_text
from bot.chats.matrix.responses import Json, MatrixError, Rejected, Response, Unanswered, Unreachable, object_of
from bot.domain.digests.delivery import Frozen, Posted, Reply
from bot.domain.digests.digest import Digest
from bot.domain.subscriptions import Announcement
from bot.network.exchange import ending_by
from bot.services.ports import (
    ChatDoubtful,
    ChatError,
    ChatHealth,
    ChatRefused,
    ChatUnavailable,
    CommandButton,
    Search,
)

# The field of an event that has a delivery's key.
DELIVERY = "org.release-bot.delivery"
MESSAGE, ENCRYPTION = "m.room.message", "m.room.encryption"
# What people are to notice is a text; what they read where they are is a notice, which notifies nobody.
TEXT, NOTICE = "m.text", "m.notice"
# What stands before the id of a person whose direct messages are meant: every id begins with it.
_DIRECT = "@"
_PAGE = 100
# The time-out for the homeserver's clock, which is read before each post, in seconds.
_CLOCK_SECONDS = 5
_SERVER_ERROR = 500
_FIXES = {
    "M_FORBIDDEN": "invite the bot into the room, and let it send messages",
    "M_UNKNOWN_TOKEN": "the token is invalid or was revoked; set a new one",
    "M_MISSING_TOKEN": "the token is invalid or was revoked; set a new one",
    "M_USER_DEACTIVATED": "the bot's account is deactivated; use another",
    "M_USER_LOCKED": "the bot's account is locked; ask the homeserver's administrator",
    "M_TOO_LARGE": "the message is too long; give the digest fewer repositories",
    "M_UNRECOGNIZED": "check base_url: it has to be that of the client-server API",
    "M_NOT_FOUND": "check the room's alias or id",
}


class MatrixClient:
    """A client of a homeserver's client-server API; each request takes at most ``timeout`` seconds.

    ``table`` is the configuration table. ``is_listening`` says that the bot reads what is written to it; ``ca_file``
    holds certificate authorities to trust in addition to the system's.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        table: str,
        timeout: float = 15,
        is_listening: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self._table = table
        self._is_listening = is_listening
        self._api = MatrixApi(token, base_url, timeout=timeout, ca_file=ca_file)
        self._direct = DirectRooms(self._api)

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Return the frozen message of a digest, the same for every room."""
        del channel
        made = render_digest(digest)
        replies = tuple(Reply(_as_json(each), each.named) for each in made.replies)
        return Frozen(_as_json(made.first), made.unnamed, replies)

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        """Return the frozen message of an announcement, the same for every room."""
        del channel
        message, unnamed = render_announcement(announcement, is_answered=self._is_listening)
        return Frozen(_as_json(message), unnamed)

    def clock(self, channel: str) -> datetime | None:
        """Return the homeserver's time, which every response has; None without a response."""
        del channel
        with ending_by(time.monotonic() + _CLOCK_SECONDS):
            return self._api.clock()

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        """Send a frozen message, and return the ids of room and event. Raises ChatError."""
        frozen = json.loads(message)
        content = message_content(frozen["body"], frozen["html"], TEXT if channel.startswith(_DIRECT) else NOTICE)
        with ending_by(deadline):
            room = self._room(channel)
            self._refuse_encrypted(channel, room)
            return self._send(channel, room, content | {DELIVERY: key} | in_thread(thread, thread), key)

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        """Search a room's history for a delivery's key, newest first, back to a time by the homeserver's clock.

        The first page is always searched completely. The history has the replies of all threads, too.
        Raises ChatUnavailable; ChatRefused if the bot is not in the room.
        """
        room, at = self._room(channel), None
        with self._reading(channel):
            for page in self._history(room):
                at = at or page.at
                events = page.objects("chunk")
                for event in events:
                    content = object_of(event, "content")
                    if content.get(DELIVERY) == key and thread_of(content) == thread:
                        return Search(Posted(room, str(event.get("event_id") or "")), at)
                if since is not None and events and _sent_at(events[-1]) < since.timestamp():
                    break
        return Search(None, at or self.clock(channel))

    def delete(self, channel: str, posted: Posted) -> None:
        """Redact one of the bot's own messages. Raises ChatError."""
        try:
            self._api.put("rooms", posted.channel, "redact", posted.message, f"redact-{posted.message}", body={})
        except MatrixError as error:
            raise self._failed(channel, error) from error

    def health(self) -> ChatHealth:
        """Return the bot's identity, and the rooms that it is in. Raises ChatError."""
        with self._reading(self._table):
            known = self._api.get("account", "whoami")
            return ChatHealth(
                bot=known.text("user_id"),
                clock=known.at,
                missing=(),
                channels=frozenset(self._api.joined_rooms()),
                trouble_in=self._trouble_in,
            )

    def _trouble_in(self, channel: str) -> tuple[str, str] | None:
        """Return why the bot cannot post to a room, and the fix; None if it can."""
        try:
            room = self.identify(channel)
            self._refuse_encrypted(channel, room)
            with self._reading(channel):
                levels, user = self._api.state(room, "m.room.power_levels") or {}, self._api.user()
        except ChatError as error:
            return error.what, error.hint or error.retry
        own = _level(object_of(levels, "users").get(user, levels.get("users_default")))
        needed = _level(object_of(levels, "events").get(MESSAGE, levels.get("events_default")))
        if own >= needed:
            return None
        what = f"the bot may not send messages: its power level is {own}, and they need {needed}"
        return what, "raise the bot's power level in the room's settings (Roles & Permissions)"

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        """Write to one person in their direct room. Raises ChatError."""
        message = render_text(text, buttons if self._is_listening else ())
        content = message_content(message.plain, message.html, TEXT)
        self._send(user, self._room(user), content, uuid4().hex)

    def identify(self, channel: str) -> str:
        """Return the id of a room that the bot is in; direct messages stay ``@USER``. Raises ChatError."""
        if channel.startswith(_DIRECT):
            return channel
        room = self._room(channel)
        with self._reading(channel):
            if room not in self._api.joined_rooms():
                raise ChatRefused(channel, "the bot is not in this room", _FIXES["M_FORBIDDEN"])
        return room

    def _room(self, channel: str) -> str:
        """Return the id of a room by its alias, or of the direct room with a person, made where there is none."""
        # A room that may have been made is found, or another made, at the next try.
        with self._reading(channel):
            if channel.startswith(_DIRECT):
                return self._direct.room_with(channel)
            return self._api.get("directory", "room", channel).text("room_id") if channel.startswith("#") else channel

    def _refuse_encrypted(self, channel: str, room: str) -> None:
        with self._reading(channel):
            is_encrypted = self._api.state(room, ENCRYPTION) is not None
        if is_encrypted:
            what = "the room is encrypted, and the bot does not support that"
            raise ChatRefused(channel, what, "use a room without encryption")

    def _send(self, channel: str, room: str, content: Json, transaction: str) -> Posted:
        try:
            response = self._api.put("rooms", room, "send", MESSAGE, transaction, body=content)
            return Posted(room, response.text("event_id"))
        except MatrixError as error:
            raise self._failed(channel, error) from error

    def _history(self, room: str) -> Iterator[Response]:
        """Yield the pages of the bot's messages in a room, newest first. Raises MatrixError."""
        wanted = json.dumps({"types": [MESSAGE], "senders": [self._api.user()]})
        after: dict[str, str] = {}
        while True:
            query = {"dir": "b", "limit": _PAGE, "filter": wanted, **after}
            page = self._api.get("rooms", room, "messages", query=query)
            yield page
            end = page.data.get("end")
            if not isinstance(end, str) or after.get("from") == end:
                return
            after = {"from": end}

    @contextmanager
    def _reading(self, where: str) -> Iterator[None]:
        """Read within the context: what may be asked for again leaves no doubt. Raises ChatError."""
        try:
            yield
        except MatrixError as error:
            failed = self._failed(where, error)
            is_unread = isinstance(failed, ChatDoubtful)
            raise ChatUnavailable(where, failed.what, failed.hint) if is_unread else failed from error

    def _failed(self, channel: str, error: MatrixError) -> ChatError:
        """Return the error of a request that had no success."""
        match error:
            case Unreachable(reason=ssl.SSLCertVerificationError() as distrust):
                what = f"cannot reach the homeserver: its TLS certificate is not trusted ({distrust.verify_message})"
                hint = f"set ca_file in [{self._table}] to the certificate of the authority (CA) that signed it"
                return ChatUnavailable(channel, what, hint)
            case Unreachable():
                return ChatUnavailable(channel, f"cannot reach the homeserver ({error.reason})")
            case Rejected(errcode="M_LIMIT_EXCEEDED"):
                return ChatUnavailable(channel, "Matrix rate limit exceeded", retry_after=error.retry_after)
            case Rejected() if error.status >= _SERVER_ERROR:
                return ChatDoubtful(channel, f"the homeserver answered {error.status} {error.errcode}")
            case Rejected():
                said = f": {error.text}" if error.text else ""
                hint = _FIXES.get(error.errcode, "see the error in Matrix's client-server API")
                return ChatRefused(channel, f"the homeserver rejected the request ({error.errcode}){said}", hint)
            case Unanswered():
                hint = f"check base_url in [{self._table}]" if error.is_foreign else ""
                return ChatDoubtful(channel, error.what, hint)
        raise error


def message_content(body: str, html: str, kind: str) -> Json:
    """Return the content of a message that mentions nobody."""
    formatted = {"format": "org.matrix.custom.html", "formatted_body": html}
    return {"msgtype": kind, "body": body, **formatted, "m.mentions": {}}


def in_thread(thread: str | None, replied_to: str | None) -> Json:
    """Return what puts a message into a thread; clients without threads show it as a reply to an event."""
    if thread is None:
        return {}
    reply = {"m.in_reply_to": {"event_id": replied_to or thread}}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True, **reply}}


def thread_of(content: Json) -> str | None:
    """Return the first message of the thread that a message belongs to, None if it is in none."""
    relation = object_of(content, "m.relates_to")
    root = relation.get("event_id")
    return root if relation.get("rel_type") == "m.thread" and isinstance(root, str) and root else None


def _as_json(message: MatrixMessage) -> str:
    return json.dumps({"body": message.plain, "html": message.html}, ensure_ascii=False)


def _level(value: object) -> int:
    return value if isinstance(value, int) else 0


def _sent_at(event: Json) -> float:
    """Return when an event was sent, in seconds since 1970; infinity if it does not say."""
    stamp = event.get("origin_server_ts")
    return stamp / 1000 if isinstance(stamp, int) else math.inf
