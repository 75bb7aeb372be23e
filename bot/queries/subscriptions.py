"""Who is told of which releases at once: "subscriptions"."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.domain.periods.period import AsOf
from bot.domain.subscriptions import AskedFrom, Subscription
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.render.markup import TEXT, Markup
from bot.render.sections import Section
from bot.render.subscription_words import subject_words, subscription_json, subscriptions_table
from bot.render.table import Table
from bot.render.words import moment_words, plural

_BESIDE = frozenset({Cue.SUBSCRIPTIONS, Cue.LIST, Cue.ALL, Cue.COUNT, Cue.ABOUT, Cue.FILLER, Cue.NOUN, Cue.EVERYWHERE})


@dataclass(frozen=True, slots=True)
class Subscriptions(Query):
    """The subscriptions of the channel or the person that asks; outside of a chat those of everybody.

    ``with_ended`` lists those too that are over.
    """

    intent: ClassVar[str] = "subscriptions"
    depends_on_asker: ClassVar[bool] = True
    order: ClassVar[int] = 4
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE
    with_ended: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about subscriptions."""
        del as_of
        if not cues.has(Cue.SUBSCRIPTIONS) or cues.has(Cue.HELP):
            return None
        if cues.has(Cue.NOUN) and cues.has(Cue.COUNT):
            return Refusal("releases or subscriptions, please, not both in one question", "subscriptions")
        if cues.repositories or cues.series or cues.versions or cues.kinds or cues.units or cues.spans:
            return Refusal("I list all subscriptions of a channel or a person", "subscriptions")
        return cls()

    def run(self, context: QueryContext) -> "SubscriptionList":
        """Find them."""
        every = [each for each in context.store.subscriptions.all() if self.with_ended or each.ended_at is None]
        here = context.here
        found = every if context.origin is None else [each for each in every if each.channel in here]
        names = {repository.key: repository.name for repository in context.repositories}
        return SubscriptionList(context.as_of, found, names, context.origin)

    def parameters(self) -> Json:
        """Return whether those that are over are listed."""
        return {"with_ended": self.with_ended}

    def wording(self) -> str:
        """Return the word."""
        return "subscriptions"


@dataclass(frozen=True, slots=True)
class SubscriptionList(Result):
    """Subscriptions, in the order in which they were made; ``names`` are the repositories' names by key."""

    as_of: AsOf
    subscriptions: Sequence[Subscription]
    names: Mapping[str, str]
    origin: AskedFrom | None

    def answer(self, markup: Markup) -> Answer:
        """Return a line for each."""
        whose = "here" if self.origin else "recorded"
        if not self.subscriptions:
            return Answer(f"no subscriptions {whose}", notes=(self._how(),))
        lines = tuple(self._line(each, markup) for each in self.subscriptions)
        notes = (f"to unsubscribe: unsubscribe {self.subscriptions[0].number}",) if self.origin else ()
        return Answer(f"{plural(len(lines), 'subscription')} {whose}", (Section("", lines),), notes)

    def _how(self) -> str:
        return (
            "to subscribe: subscribe DIRAC here; or: tell me when v7r2 is out"
            if self.origin
            else "to add one: release-bot subscriptions add REPOSITORY --channel CHANNEL"
        )

    def _line(self, each: Subscription, markup: Markup) -> str:
        channel = "" if self.origin else f" in {markup.plain(each.channel)}"
        what = subject_words(each, self.names, markup)
        since = moment_words(each.at, self.as_of.zone)
        return f"{each.number}: {what}{channel} (since {since}, by {markup.plain(each.who)})"

    def tables(self) -> Sequence[Table]:
        """Return the subscriptions as a table."""
        return [subscriptions_table(self.subscriptions, self.as_of.zone, TEXT)] if self.subscriptions else []

    def data(self) -> Any:
        """Return the subscriptions."""
        return [subscription_json(each, self.as_of.zone) for each in self.subscriptions]
