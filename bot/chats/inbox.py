"""The inbox of all chats: each message is answered once, by who wrote it and where."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.chats.base import IncomingMessage
from bot.chats.throttle import MOST_IN_A_WINDOW, QuestionThrottle, ThrottleDecision
from bot.commands.run import Command, Watching
from bot.dialogue import Asking, ask
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.query import Understanding
from bot.queries.result import RefusalAnswer
from bot.queries.run import Desk
from bot.services.digests import DigestOrder
from bot.services.ports import Chat, Store


class Host(Protocol):
    """What receiving needs of the configured bot, as it is at the moment."""

    def now(self) -> datetime:
        """Give the time."""
        ...

    def desk(self, own: Sequence[str], *, is_maintainer: bool) -> Desk:
        """Give what questions are answered from; ``own`` are the asker's repositories."""
        ...

    def vocabulary(self) -> Vocabulary:
        """Give what questions are understood with."""
        ...

    def watching(self) -> Watching:
        """Give what can be watched."""
        ...

    def orders(self) -> Sequence[DigestOrder]:
        """Give the configured digests."""
        ...

    def maintainers(self) -> frozenset[str]:
        """Give the ids of those who may change things."""
        ...


@dataclass
class Inbox:
    """Answers the messages of chats; threads share it."""

    host: Host
    store: Store
    chat: Chat
    _throttle: QuestionThrottle = field(default_factory=QuestionThrottle)

    def handle(self, message: IncomingMessage) -> Asking | None:
        """Answer a message; return None for one that was answered before, or is part of a flood."""
        now = self.host.now()
        if not self.store.take_event(message.id, now):
            return None
        match self._throttle.check(message.user, now):
            case ThrottleDecision.SILENCE:
                return None
            case ThrottleDecision.ASK_TO_WAIT:
                what = f"I answer {MOST_IN_A_WINDOW} questions a minute from one person; please wait a little"
                return Asking(message.text, Understanding(None), RefusalAnswer(what, "", ()))
            case ThrottleDecision.ANSWER:
                return self._answer(message)

    def home(self, user: str) -> Desk:
        """Return what somebody's home page is made from."""
        return self.host.desk((), is_maintainer=self._is_maintainer(user))

    def _answer(self, message: IncomingMessage) -> Asking:
        is_maintainer = self._is_maintainer(message.user)
        desk = self.host.desk(self._own(message.channel), is_maintainer=is_maintainer)
        command = Command(f"slack:{message.user}", self.host.watching(), self.chat) if is_maintainer else None
        return ask(message.text, desk, self.host.vocabulary(), command)

    def _is_maintainer(self, user: str) -> bool:
        return user in self.host.maintainers()

    def _own(self, channel: str) -> tuple[str, ...]:
        """Find the repositories that a channel is told of: those of the digests that are posted there."""
        if not channel:
            return ()
        posted = self.store.digests_in(channel)
        keys = [
            repository.key
            for order in self.host.orders()
            if order.channel == channel or order.name in posted
            for repository in order.repositories
        ]
        return tuple(dict.fromkeys(keys))
