"""Unsubscribing: ``unsubscribe``, ``unsubscribe 3``, ``unsubscribe v7r1``, ``unsubscribe all``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import Instruction
from bot.commands.subscribe_words import Unwanted, read_unwanted
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.repositories import source_of
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, QueryContext, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import Markup
from bot.render.words import listed, plural

if TYPE_CHECKING:
    from bot.domain.subscriptions import AskedFrom, Subscription

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Unsubscribe(Command):
    """End subscriptions of the place where that is said: those that are named, all, or the only one.

    By its number everybody may also end a subscription of their own, and a maintainer any.
    """

    intent: ClassVar[str] = "unsubscribe"
    is_for_everyone: ClassVar[bool] = True
    unwanted: Unwanted

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``unsubscribe 3``."""
        read = read_unwanted(said, vocabulary, as_of)
        return cls(read) if isinstance(read, Unwanted) else read

    def run(self, context: CommandContext) -> "Unsubscribed":
        """End them. Raises UsageError where none, or which one, is not clear."""
        query = context.query
        numbers = [each.number for each in self._meant(query)]
        ended = query.store.subscriptions.end(numbers, query.as_of.end, context.who)
        return Unsubscribed(ended, query.as_of, {each.key: each.name for each in query.repositories}, query.origin)

    def _meant(self, query: QueryContext) -> "list[Subscription]":
        unwanted, candidates = self.unwanted, self._candidates(query)
        found = [each for each in candidates if _is_unwanted(each, unwanted)]
        listing = "release-bot subscriptions" if query.origin is None else "subscriptions"
        if not found:
            number = "" if unwanted.number is None else f" {unwanted.number}"
            raise UsageError(f"subscription{number}", "not found here", f"list them: {listing}")
        if len(found) > 1 and unwanted == Unwanted(is_direct=unwanted.is_direct):
            numbers = listed([str(each.number) for each in found], _MOST_NAMED)
            raise UsageError("unsubscribe", f"there are {len(found)}: {numbers}", "name one, or say: unsubscribe all")
        return found

    def _candidates(self, query: QueryContext) -> "list[Subscription]":
        """Return the subscriptions that may be meant: outside of a chat, and by number for maintainers, all."""
        active = [each for each in query.store.subscriptions.all() if each.ended_at is None]
        origin, number = query.origin, self.unwanted.number
        if origin is None or (number is not None and query.is_maintainer):
            return active
        channels = {origin.direct} if self.unwanted.is_direct else {*query.here}
        channels |= set() if number is None else {origin.direct}
        return [each for each in active if each.channel in channels]

    def parameters(self) -> Json:
        """Return what is meant."""
        unwanted = self.unwanted
        return {
            "number": unwanted.number,
            "repositories": list(unwanted.repositories),
            "versions": list(unwanted.versions),
            "all": unwanted.is_all,
        }


def _is_unwanted(subscription: "Subscription", unwanted: Unwanted) -> bool:
    if unwanted.number is not None:
        return subscription.number == unwanted.number
    keys = {subscription.repository, source_of(subscription.repository)}
    if unwanted.repositories and keys.isdisjoint(unwanted.repositories):
        return False
    names = {subscription.series.casefold(), subscription.version.casefold()}
    return not unwanted.versions or any(each.casefold() in names for each in unwanted.versions)


@dataclass(frozen=True, slots=True)
class Unsubscribed(Result):
    """Subscriptions that were ended; ``names`` are the repositories' names by key."""

    ended: Sequence["Subscription"]
    as_of: AsOf
    names: Mapping[str, str]
    origin: "AskedFrom | None"

    def answer(self, markup: Markup) -> Answer:
        """Return which ones."""
        from bot.render.subscription_words import subject_words

        lines = [f"{subject_words(each, self.names, markup)} ({each.number})" for each in self.ended]
        if not lines:
            return Answer("the subscription has just ended")
        more = "" if len(lines) == 1 else f"{plural(len(lines), 'subscription')}: "
        command = "undo" if self.origin else "release-bot ask undo"
        notes = (f"to undo: {command} subscription {self.ended[-1].number}",)
        return Answer(f"unsubscribed from {more}{listed(lines, _MOST_NAMED)}", notes=notes)

    def data(self) -> Any:
        """Return the subscriptions."""
        from bot.render.subscription_words import subscription_json

        return [subscription_json(each, self.as_of.zone) for each in self.ended]
