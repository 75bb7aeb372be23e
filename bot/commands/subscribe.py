"""Subscribing: ``subscribe DIRAC v7r1 here``, ``tell me when v7r2 is out``.

Everybody may do that for themselves, and whoever writes in a channel for that channel.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import Instruction
from bot.commands.subscribe_words import Wished, read_wish
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf
from bot.domain.releases import Release
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, QueryContext, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import Markup
from bot.render.words import moment_words

if TYPE_CHECKING:
    from bot.domain.subscriptions import AskedFrom, Subscription
    from bot.services.subscriptions import Subject, Wish

# More of one channel are a mistake, or mischief.
_MOST = 50


@dataclass(frozen=True, slots=True)
class Subscribe(Command):
    """Tell a channel of releases as they come out.

    ``is_direct`` means the direct messages to whoever says so. ``channel`` is named in the terminal alone: in a chat
    it is where that is said.
    """

    intent: ClassVar[str] = "subscribe"
    is_for_everyone: ClassVar[bool] = True
    wish: "Wish"
    kinds: tuple[KindWord, ...] = ()
    is_direct: bool = False
    channel: str = ""

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``subscribe DIRAC v7r1 here``, ``tell me when v7r2 is out``."""
        read = read_wish(said, vocabulary, as_of)
        if not isinstance(read, Wished):
            return read
        return cls(read.wish, read.kinds, read.is_direct)

    def run(self, context: CommandContext) -> "Subscribed":
        """Record it. Raises UsageError for what is unknown or unclear."""
        from bot.domain.subscriptions import alike
        from bot.services.subscriptions import released, subjects

        query = context.query
        channels = self._channels(query)
        meant = subjects(self.wish, query.own, query.repositories, query.plans, query.store)
        active = [each for each in query.store.subscriptions.all() if each.ended_at is None]
        if sum(each.channel in channels for each in active) + len(meant) > _MOST:
            raise UsageError("subscriptions", f"at most {_MOST} in one channel", "end one: unsubscribe NUMBER")
        made = []
        for subject in meant:
            release = released(subject, query.store, query.as_of.end)
            wanted = self._of(subject, channels[0], context)
            held = alike(active, wanted, channels)
            if held is None and release is None:
                held = query.store.subscriptions.add(wanted)
                made.append(Outcome(held))
            else:
                made.append(Outcome(held or wanted, release, is_new=False))
        names = {repository.key: repository.name for repository in query.repositories}
        return Subscribed(made, query.as_of, names, query.origin)

    def _of(self, subject: "Subject", channel: str, context: CommandContext) -> "Subscription":
        from bot.domain.subscriptions import Subscription

        return Subscription(
            number=0,
            channel=channel,
            repository=subject.repository,
            at=context.query.as_of.end,
            who=context.who,
            series=subject.series,
            kinds=() if subject.normalized else self.kinds,
            normalized=subject.normalized,
            version=subject.version,
        )

    def _channels(self, query: QueryContext) -> tuple[str, ...]:
        """Return the names of the channel that is meant, the one to record first."""
        if self.channel:
            return query.store.subscriptions.names_of(self.channel)
        if query.origin is None:
            hint = "name one: release-bot subscriptions add REPOSITORY --channel CHANNEL"
            raise UsageError("subscription", "a terminal is no channel", hint)
        return (query.origin.direct,) if self.is_direct else query.here

    def parameters(self) -> Json:
        """Return what is meant."""
        return {
            "repositories": list(self.wish.repositories),
            "series": list(self.wish.series),
            "release": self.wish.version or None,
            "kinds": [kind.value for kind in self.kinds],
            "direct": self.is_direct,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one part of a wish: a subscription, new or not; ``release`` is the one meant, if it is out."""

    subscription: "Subscription"
    release: Release | None = None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Subscribed(Result):
    """What became of a wish; ``names`` are the repositories' names by key."""

    outcomes: Sequence[Outcome]
    as_of: AsOf
    names: Mapping[str, str]
    origin: "AskedFrom | None"

    def answer(self, markup: Markup) -> Answer:
        """Return what is told from now on, and how to unsubscribe."""
        sentence = "; ".join(self._words(each, markup) for each in self.outcomes)
        held = [each.subscription.number for each in self.outcomes if each.subscription.number]
        command = "unsubscribe" if self.origin else "release-bot subscriptions remove"
        notes = (f"to unsubscribe: {' or '.join(f'{command} {number}' for number in held)}",) if held else ()
        return Answer(sentence, notes=notes)

    def _words(self, outcome: Outcome, markup: Markup) -> str:
        from bot.render.subscription_words import channel_words, subject_words

        subscription = outcome.subscription
        what = subject_words(subscription, self.names, markup)
        if outcome.release is not None:
            release = outcome.release
            date = f": {moment_words(release.date, self.as_of.zone)}" if release.date else ""
            return f"{markup.release(release)} of {markup.plain(self._name(release))} is out already{date}"
        where = channel_words(subscription.channel, self.origin, markup)
        if not outcome.is_new:
            return f"already subscribed: {what} ({subscription.number})"
        if subscription.normalized:
            return f"I will say {where} when {what} is out"
        return f"I will announce {what} {where} as they come out"

    def _name(self, release: Release) -> str:
        return self.names.get(release.repository, release.repository)

    def data(self) -> Any:
        """Return the subscriptions, each with whether it is new, and whether its release is out already."""
        from bot.render.subscription_words import subscription_json

        return [
            {
                "subscription": subscription_json(each.subscription, self.as_of.zone)
                if each.subscription.number
                else None,
                "new": each.is_new,
                "released": each.release is not None,
            }
            for each in self.outcomes
        ]
