"""The inbox of all chats: answers each message once, by its author and channel."""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.chats.throttle import MOST_IN_A_WINDOW, QuestionThrottle, ThrottleDecision
from bot.commands.base import CommandContext, WatchPreview
from bot.config.channels import stored_name
from bot.dialogue import LONGEST, Refused, Reply, Understanding, ask
from bot.domain.conversations import impersonal
from bot.domain.subscriptions import AskedFrom
from bot.domain.values import dataclass
from bot.queries.base import Query, QueryContext
from bot.queries.language.vocabulary import Vocabulary
from bot.services.digests import DigestOrder
from bot.services.ports import Chat

if TYPE_CHECKING:
    from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message to the bot; ``id`` is the same each time the chat delivers it.

    ``chat`` is the name of a configured chat; ``user`` and ``channel`` are that chat's ids, ``channel`` is empty
    in a direct message. ``conversations`` are the names in that chat of those that it belongs to, the one that a
    follow-up refers to first. ``user_name`` is by what a maintainer may also be configured, where the chat has such
    names. A guest, or a person of another organisation (``is_guest``), may only ask.
    """

    chat: str
    id: str
    text: str
    user: str
    channel: str = ""
    conversations: tuple[str, ...] = ()
    user_name: str = ""
    is_guest: bool = False

    @property
    def author(self) -> str:
        """Return its author, as CHAT:USER."""
        return f"{self.chat}:{self.user}"

    @property
    def stored_id(self) -> str:
        """Return its id in the database."""
        return stored_name(self.chat, self.id)

    @property
    def direct_channel(self) -> str:
        """Return the name in the database of the direct messages to its author."""
        # Some chats' ids of people begin with @ themselves.
        return stored_name(self.chat, f"@{self.user.removeprefix('@')}")

    @property
    def stored_channel(self) -> str:
        """Return the name of its channel in the database."""
        return stored_name(self.chat, self.channel)


class Host(Protocol):
    """The configured bot, as far as the inbox needs it."""

    def now(self) -> datetime:
        """Return the time."""
        ...

    def context(self, own: Sequence[str], *, is_maintainer: bool) -> QueryContext:
        """Return the context of queries; ``own`` are the keys of the asker's repositories."""
        ...

    def vocabulary(self) -> Vocabulary:
        """Return the vocabulary of questions."""
        ...

    def preview(self) -> WatchPreview:
        """Return the preview of what can be watched."""
        ...

    def orders(self) -> Sequence[DigestOrder]:
        """Return the configured digests."""
        ...

    def maintainers(self) -> frozenset[str]:
        """Return the people who may make changes, each as CHAT:USER."""
        ...


@dataclass
class Inbox:
    """Answers the messages of chats; thread-safe."""

    host: Host
    store: "Store"
    chat: Chat
    _throttle: QuestionThrottle = field(default_factory=QuestionThrottle)

    def handle(self, message: IncomingMessage) -> Reply | None:
        """Return the reply to a message, or None if it was answered before or is throttled."""
        now = self.host.now()
        if not self.store.leases.take_event(message.stored_id, now):
            return None
        match self._throttle.check(message.author, now):
            case ThrottleDecision.SILENCE:
                return None
            case ThrottleDecision.ASK_TO_WAIT:
                what = f"I answer at most {MOST_IN_A_WINDOW} questions a minute from one person; please wait a little"
                return Reply(message.text, Understanding(None), Refused(what))
            case ThrottleDecision.ANSWER:
                return self._answer(message)

    def answered(
        self, message: IncomingMessage, reply: Reply, *, also: Sequence[str] = (), is_public: Callable[[], bool]
    ) -> None:
        """Record what came of a message whose reply was sent.

        ``also`` are further conversations that its answer began. A question that was not understood is kept, without
        its author, where everybody may read it.
        """
        understanding = reply.understanding
        self._continue(message.chat, also, reply)
        text = impersonal(message.text) if understanding.asked is None and understanding.refusal else ""
        if text and is_public():
            self.store.conversations.write_refused(text)

    def home(self, user: str) -> QueryContext:
        """Return the context of the home page of CHAT:USER."""
        return self.host.context((), is_maintainer=self._is_maintainer(user))

    def _answer(self, message: IncomingMessage) -> Reply:
        is_maintainer = self._may_maintain(message)
        own = self._own(message.stored_channel) if message.channel else ()
        origin = AskedFrom(message.direct_channel, message.stored_channel if message.channel else "")
        context = replace(self.host.context(own, is_maintainer=is_maintainer), origin=origin)
        preview = self.host.preview()
        command = None if message.is_guest else CommandContext(context, message.author, preview, lambda: self.chat)
        reply = ask(message.text, context, self.host.vocabulary(), command, lambda: self._question_before(message))
        self._continue(message.chat, message.conversations, reply)
        return reply

    def _question_before(self, message: IncomingMessage) -> str:
        names = message.conversations
        return self.store.conversations.question(stored_name(message.chat, names[0])) if names else ""

    def _continue(self, chat: str, names: Sequence[str], reply: Reply) -> None:
        """Record the question of a reply as the last one of conversations; a command ends them."""
        asked = reply.understanding.asked
        if not names or asked is None or (isinstance(asked, Query) and asked.is_aside):
            return
        wording = asked.wording() if isinstance(asked, Query) else ""
        question = wording if len(wording) <= LONGEST else ""
        self.store.conversations.write([stored_name(chat, name) for name in names], question)

    def _may_maintain(self, message: IncomingMessage) -> bool:
        names = [message.author, *([f"{message.chat}:{message.user_name}"] if message.user_name else [])]
        return not message.is_guest and any(map(self._is_maintainer, names))

    def _is_maintainer(self, user: str) -> bool:
        return user in self.host.maintainers()

    def _own(self, channel: str) -> tuple[str, ...]:
        """Return the keys of the repositories of the digests that are posted to a channel."""
        posted = self.store.digests.posted_in(channel)
        keys = [
            repository.key
            for order in self.host.orders()
            if order.channel == channel or order.name in posted
            for repository in order.repositories
        ]
        return tuple(dict.fromkeys(keys))
