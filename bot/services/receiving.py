"""Receiving: what people say in chat, each saying answered once, by who they are and where they say it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol

from bot.domain.pacing import MOST_IN_A_WINDOW, Pace, Verdict
from bot.domain.questions.asked import Understanding
from bot.domain.questions.vocabulary import Vocabulary
from bot.services.answering import Desk
from bot.services.answers import RefusalAnswer
from bot.services.asking import Asking, ask
from bot.services.commanding import Command, Watching
from bot.services.ports import Chat, Store
from bot.services.reporting import DigestOrder

# Of so many people is the pace remembered.
_MOST_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Saying:
    """A text that somebody said to the bot: ``event`` names it, the same however often it is delivered.

    ``user`` and ``channel`` are the chat's own ids, ``channel`` empty for what is said in private.
    """

    event: str
    text: str
    user: str
    channel: str = ""


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
class Reception:
    """Answers what is said in chat; may be used by several threads at once."""

    host: Host
    store: Store
    chat: Chat
    _paces: dict[str, Pace] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def receive(self, saying: Saying) -> Asking | None:
        """Answer a saying; None for one that was answered before, or is part of a flood."""
        now = self.host.now()
        if not self.store.take_event(saying.event, now):
            return None
        match self._verdict(saying.user, now):
            case Verdict.SILENCE:
                return None
            case Verdict.ASK_TO_WAIT:
                what = f"I answer {MOST_IN_A_WINDOW} questions a minute from one person; please wait a little"
                return Asking(saying.text, Understanding(None), RefusalAnswer(what, "", ()))
            case Verdict.ANSWER:
                return self._answer(saying)

    def home(self, user: str) -> Desk:
        """Give what somebody's home page is made from."""
        return self.host.desk((), is_maintainer=self._is_maintainer(user))

    def _answer(self, saying: Saying) -> Asking:
        is_maintainer = self._is_maintainer(saying.user)
        desk = self.host.desk(self._own(saying.channel), is_maintainer=is_maintainer)
        command = Command(f"slack:{saying.user}", self.host.watching(), self.chat) if is_maintainer else None
        return ask(saying.text, desk, self.host.vocabulary(), command)

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

    def _verdict(self, user: str, now: datetime) -> Verdict:
        with self._turn:
            pace, verdict = self._paces.pop(user, Pace()).after(now)
            self._paces[user] = pace
            if len(self._paces) > _MOST_PEOPLE:
                self._paces.pop(next(iter(self._paces)))
            return verdict
