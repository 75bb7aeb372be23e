"""The Matrix listener: mentions in rooms, and all that is said in direct rooms.

A message is answered once, by its event's id, however often it is read. Messages of bots (``m.notice``), edits and the
bot's own messages are not answered.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import uuid4

from bot.chats.answerer import Answerer
from bot.chats.inbox import Inbox, IncomingMessage
from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.client import ENCRYPTION, MESSAGE, NOTICE, TEXT, in_thread, message_content, thread_of
from bot.chats.matrix.invites import InviteRetries
from bot.chats.matrix.mentions import BotNames
from bot.chats.matrix.messages import MatrixMessage, render_answer
from bot.chats.matrix.responses import Json, MatrixError, Rejected
from bot.chats.matrix.rooms import Invite, RoomKeeper, invite_of
from bot.chats.matrix.sync import Batch, Stream, Waits, why
from bot.config.channels import stored_name
from bot.domain.errors import BotError

_log = logging.getLogger(__name__)

_THREADS = 8
# What is older, in milliseconds, is not answered any more: which messages were is remembered for a day.
_OLDEST = 86_400_000
# How often an answer is sent in all, and the longest wait that the homeserver may ask for between, in seconds.
_TRIES, _LONGEST_WAIT = 5, 60.0
_ENCRYPTED = "m.room.encrypted"
_WAITS = Waits()


class MatrixListener:
    """Listens to a homeserver in its own threads, until it is closed; ``chat`` is the chat's name.

    It retries for ever while the homeserver cannot be reached; the worker continues without the chat. Questions that
    are not understood are kept if the chat ``keeps_refused`` ones.
    """

    def __init__(
        self,
        inbox: Inbox,
        api: MatrixApi,
        *,
        chat: str,
        table: str,
        keeps_refused: bool = True,
        waits: Waits = _WAITS,
    ) -> None:
        self.mounts = ()
        self._inbox = inbox
        self._api = api
        self._chat = chat
        self._keeps_refused = keeps_refused
        self._answerer = Answerer(inbox, render_answer, (MatrixError,), why)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="matrix")
        self._rooms = RoomKeeper(api, self._say)
        self._retries = InviteRetries(waits.first)
        self._names = BotNames("")
        positions = inbox.store.positions
        self._stream = Stream(api, positions, self, chat=chat, table=table, waits=waits)

    @property
    def is_connected(self) -> bool:
        """Return whether the homeserver answers."""
        return self._stream.is_connected

    def start(self) -> None:
        """Start listening, and return at once."""
        self._stream.start()

    def close(self) -> None:
        """Stop listening once running answers are sent."""
        self._stream.close()
        # What is not begun is read again by whoever listens next: its position is not recorded.
        self._threads.shutdown(cancel_futures=True)

    def begin(self) -> None:
        """Learn the bot's names and its direct rooms. Raises MatrixError."""
        own = self._api.user()
        shown = ""
        with suppress(Rejected):
            shown = str(self._api.get("profile", own, "displayname").data.get("displayname") or "")
        self._names = BotNames(own, shown)
        self._rooms.learn()

    def take(self, batch: Batch) -> Callable[[], bool]:
        """Begin to answer what a poll brought; return what tells whether all of it is done."""
        if batch.direct is not None:
            self._rooms.learn(batch.direct)
        found = [invite_of(room, self._names.user, events) for room, events in batch.invites.items()]
        invites = {each.room: each for each in (*self._retries.due(), *found) if each}
        begun = [self._threads.submit(self._guarded, self._invited, each) for each in invites.values()]
        for room, events in batch.events.items():
            if any(each.get("type") in (ENCRYPTION, _ENCRYPTED) for each in events):
                begun.append(self._threads.submit(self._guarded, self._rooms.leave_encrypted, room))
            begun += [
                self._threads.submit(self._guarded, self._heard, room, each)
                for each in events
                if each.get("type") == MESSAGE and isinstance(each.get("content"), dict)
            ]
        return lambda: all(each.done() for each in begun)

    def _guarded(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except (MatrixError, BotError) as error:
            _log.warning("cannot handle what came from Matrix: %s", why(error))
        except Exception:  # noqa: BLE001 - logged; one message's error must not end the listener
            _log.exception("cannot handle what came from Matrix")

    def _invited(self, invite: Invite) -> None:
        is_maintainer = f"{self._chat}:{invite.by}" in self._inbox.host.maintainers()
        try:
            self._rooms.answer(invite, is_maintainer=is_maintainer)
        except (MatrixError, BotError) as error:
            if isinstance(error, Rejected) and not _may_pass(error):
                self._retries.forget(invite.room)
                _log.warning("gave up the invitation to room %s: %s", invite.room, why(error))
                return
            wait = self._retries.add(invite, error.retry_after if isinstance(error, MatrixError) else None)
            _log.warning(
                "cannot answer the invitation to room %s: %s; retrying in %.0f s", invite.room, why(error), wait
            )
        else:
            self._retries.forget(invite.room)

    def _heard(self, room: str, event: Json) -> None:
        """Answer a message if it is meant for the bot: in its thread, in a room in a new one if it has none."""
        content, user, number = event["content"], str(event.get("sender") or ""), str(event.get("event_id") or "")
        if not _is_asked(event) or user == self._names.user or not number:
            return
        thread, words = thread_of(content), self._names.words_of(content)
        if self._rooms.is_direct(room):
            # A reply under the message or under its answer goes on with its question.
            names = [*([] if thread else [f"@{user}"]), f"@{user}/{thread or number}"]
            message = IncomingMessage(self._chat, number, words, user, "", tuple(names))
            self._answerer.answer(message, self._sending(room, number, thread))
        elif self._names.is_spoken_to(content):
            under = thread or number
            message = IncomingMessage(self._chat, number, words, user, room, (f"{room}/{under}",))
            self._answerer.answer(message, self._sending(room, number, under), lambda: self._is_public(room))

    def _sending(self, room: str, asked: str, thread: str | None) -> Callable[[MatrixMessage], str | None]:
        def send(message: MatrixMessage) -> str | None:
            # Bots do not answer notices, so that no two of them answer each other.
            content = message_content(message.plain, message.html, NOTICE) | in_thread(thread, asked)
            sent = self._send(room, f"answer-{asked}", content)
            return None if thread else sent

        return send

    def _send(self, room: str, transaction: str, content: Json) -> str:
        """Send an event; again with the same transaction id, which never doubles it. Raises MatrixError."""
        for left in reversed(range(_TRIES)):
            try:
                return self._api.put("rooms", room, "send", MESSAGE, transaction, body=content).text("event_id")
            except MatrixError as error:
                if not left or not _may_pass(error) or self._stream.wait(_wait_after(error, _TRIES - left)):
                    raise
        raise AssertionError

    def _say(self, room: str, text: str) -> bool:
        """Post a text to a room, at most once a day; return whether this worker did. Raises MatrixError."""
        name = stored_name(self._chat, f"{room} {text}")
        if not self._inbox.store.leases.take_event(name, self._inbox.host.now()):
            return False
        self._send(room, uuid4().hex, message_content(text, text, NOTICE))
        return True

    def _is_public(self, room: str) -> bool:
        """Return whether everybody may join a room, and its refused questions may be kept."""
        if not self._keeps_refused:
            return False
        try:
            rules = self._api.state(room, "m.room.join_rules")
        except MatrixError:
            return False
        return rules is not None and rules.get("join_rule") == "public"


def _is_asked(event: Json) -> bool:
    """Return whether a person wrote a message, and not too long ago; an edit is no message of its own."""
    content, unsigned = event["content"], event.get("unsigned")
    age = unsigned.get("age") if isinstance(unsigned, dict) else None
    relation = content.get("m.relates_to")
    is_edit = isinstance(relation, dict) and relation.get("rel_type") == "m.replace"
    is_old = isinstance(age, int | float) and age > _OLDEST
    return content.get("msgtype") == TEXT and not is_edit and not is_old


def _may_pass(error: MatrixError) -> bool:
    return not isinstance(error, Rejected) or error.status == 429 or error.status >= 500  # noqa: PLR2004


def _wait_after(error: MatrixError, tried: int) -> float:
    return min(2.0**tried if error.retry_after is None else error.retry_after, _LONGEST_WAIT)
