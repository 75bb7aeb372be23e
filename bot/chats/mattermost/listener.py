"""The messages to the bot: what is posted in its channels, and how it answers there."""

import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from threading import Event
from typing import TypeVar

from bot.chats.answerer import Answerer
from bot.chats.inbox import Inbox, IncomingMessage
from bot.chats.mattermost.actions import Pressed
from bot.chats.mattermost.client import MattermostClient, Person
from bot.chats.mattermost.markdown import mentions, plain_text
from bot.chats.mattermost.messages import MattermostMessage, render_answer
from bot.chats.mattermost.people import People
from bot.domain.digests.delivery import Posted
from bot.domain.values import dataclass
from bot.services.ports import ChatError, ChatUnavailable

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_THREADS = 8
# How often an answer is sent that was surely not taken, and how long is waited before, in seconds.
_ATTEMPTS, _PAUSE, _LONGEST_PAUSE = 5, 1.0, 30.0
# The kinds of channels: a public one, and the direct messages of two people.
_PUBLIC, _DIRECT = "O", "D"
# An id can be nobody's name for a maintainer: whoever took it for a user name would be one.
_ID = re.compile("[a-z0-9]{26}")


@dataclass(frozen=True, slots=True)
class Post:
    """A message that somebody posted; ``root`` is the first message of its thread, empty where it is in none."""

    id: str
    user: str
    channel: str
    kind: str
    text: str
    root: str = ""

    @property
    def is_direct(self) -> bool:
        """Return whether it is in the direct messages of two people."""
        return self.kind == _DIRECT

    @classmethod
    def read(cls, post: object, kind: object) -> "Post | None":
        """Return a post from Mattermost's JSON; None for a notice, and for what a webhook or a bot posted."""
        if not isinstance(post, Mapping) or post.get("type") or not isinstance(post.get("props"), Mapping | None):
            return None
        properties = post.get("props") or {}
        # Mattermost sets these itself on what a bot or a webhook posts.
        if any(properties.get(key) in ("true", True) for key in ("from_bot", "from_webhook", "from_plugin")):
            return None
        named = [post.get(key) for key in ("id", "user_id", "channel_id", "message")]
        root = post.get("root_id") or ""
        if not all(isinstance(each, str) and each for each in (*named, kind)) or not isinstance(root, str):
            return None
        number, user, channel, text = map(str, named)
        return cls(number, user, channel, str(kind), text, root)


@dataclass(frozen=True, slots=True)
class Where:
    """The channel of a command or of a button, by its id and its name; the bot may not be in it."""

    id: str
    name: str


class PostListener:
    """Answers posts in its own threads, each once; thread-safe. ``chat`` is the name of the chat."""

    def __init__(self, inbox: Inbox, client: MattermostClient, chat: str, *, keeps_refused: bool = True) -> None:
        self._client = client
        self._chat = chat
        self._keeps_refused = keeps_refused
        self._people = People(client)
        self._answerer = Answerer(inbox, render_answer, (ChatError,), str)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat")
        self._closing = Event()

    def close(self) -> None:
        """Wait until running answers are sent; what the server does not take now is not sent again."""
        self._closing.set()
        self._threads.shutdown()

    def run(self, function: Callable[[], None]) -> None:
        """Run something in the answering threads; its errors are logged."""

        def guarded() -> None:
            try:
                function()
            except ChatError as error:
                _log.warning("cannot answer a message: %s", error)
            except Exception:  # noqa: BLE001 - logged; one question's error must not end the listener
                _log.exception("cannot handle a message from Mattermost")

        with suppress(RuntimeError):  # the end has come
            self._threads.submit(guarded)

    def take(self, post: Post) -> None:
        """Answer a post if it is meant for the bot: a direct message, or one that mentions it."""
        me = self._client.me
        if post.user != me.id and (post.is_direct or mentions(post.text, me.name)):
            self.run(lambda: self._answer(post, me))

    def _answer(self, post: Post, me: Person) -> None:
        person = self._patiently(lambda: self._people.get(post.user))
        if person.is_bot:
            return
        text = plain_text(post.text, me.name)
        if post.is_direct:
            # A reply under the message or under its answer goes on with its question.
            names = [*([] if post.root else [f"@{post.user}"]), f"@{post.user}/{post.root or post.id}"]
            channel, thread = "", post.root
        else:
            channel, thread = post.channel, post.root or post.id
            names = [f"{channel}/{thread}"]
        message = self.message(post.id, text, person, channel, *names)
        self._answerer.answer(message, self._sending(post.channel, thread), lambda: self._is_public(post.kind))

    def pressed(self, pressed: Pressed, number: str, user: str, channel: Where, under: str) -> None:
        """Answer the question of a button in the thread of its message."""
        person, post = self._patiently(lambda: (self._people.get(user), self._client.read_post(under)))
        if person.is_bot or post.get("channel_id") != channel.id:
            return
        is_direct, thread = self._is_direct(channel, user), str(post.get("root_id") or under)
        begun = f"@{user}/{thread}" if is_direct else f"{channel.id}/{thread}"
        names = [begun, *([f"@{user}"] if is_direct and not post.get("root_id") else [])]
        message = self.message(number, pressed.words, person, "" if is_direct else channel.id, *names)
        self._answerer.answer(message, self._sending(channel.id, thread))

    def answer_alone(self, number: str, text: str, user: str, channel: Where) -> MattermostMessage | None:
        """Return the answer to a command, for its author alone. Raises ChatUnavailable, ChatRefused."""
        person = self._people.get(user)
        is_direct = self._is_direct(channel, user)
        name = f"@{user}" if is_direct else f"{channel.id}/@{user}"
        message = self.message(number, text, person, "" if is_direct else channel.id, name)
        reply, words = self._answerer.reply(message)
        if reply is not None:
            self._answerer.record(message, reply)
        return words

    def message(self, number: str, text: str, person: Person, channel: str, *conversations: str) -> IncomingMessage:
        """Return a message to the inbox."""
        name = "" if _ID.fullmatch(person.name) else person.name
        # What names a press or a command is longer than an id.
        stable = number if len(number) <= len(sha256().hexdigest()) else sha256(number.encode()).hexdigest()
        return IncomingMessage(
            self._chat,
            stable,
            text,
            person.id,
            channel,
            conversations,
            user_name=name,
            is_guest=person.is_guest,
        )

    def _is_direct(self, channel: Where, user: str) -> bool:
        """Return whether a channel is the direct messages to the bot, whose name is of both people's ids."""
        return sorted(channel.name.split("__")) == sorted((self._client.me.id, user))

    def _is_public(self, kind: str) -> bool:
        return self._keeps_refused and kind == _PUBLIC

    def _sending(self, channel: str, thread: str) -> Callable[[MattermostMessage], str | None]:
        def send(message: MattermostMessage) -> str | None:
            posted = self._send(channel, message, thread)
            return None if thread else posted.message

        return send

    def _send(self, channel: str, message: MattermostMessage, thread: str) -> Posted:
        """Post an answer; again where it was surely not taken. Raises ChatError."""
        return self._patiently(lambda: self._client.create(channel, channel, message, thread))

    def _patiently(self, ask: Callable[[], _T]) -> _T:
        """Return what is asked of Mattermost; asks again where nothing was done, as after too many requests.

        Raises ChatError.
        """
        for attempt in range(1, _ATTEMPTS):
            try:
                return ask()
            except ChatUnavailable as error:
                pause = error.retry_after if error.retry_after is not None else _PAUSE * attempt
                if self._closing.wait(min(pause, _LONGEST_PAUSE)):
                    raise
        return ask()
