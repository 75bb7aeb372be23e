"""Taking changes back: ``undo``, ``undo 3``, ``undo watch 2``, ``undo series 1``, ``undo subscription``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import JOINING, Instruction
from bot.commands.milestone import MilestoneChanged
from bot.commands.series import SeriesMarked
from bot.commands.watch import WatchlistChanged
from bot.domain.certification.changes import Change, effective
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.series_status import StatusChange
from bot.domain.values import dataclass
from bot.domain.watchlist import WatchChange, WatchKind
from bot.queries.base import Answer, Json, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import Markup
from bot.render.words import listed

if TYPE_CHECKING:
    from bot.domain.subscription_changes import SubscriptionChange

_VERBS = {"undo", "revert"}
_JOINING = JOINING | {"change", "last", "that", "number"}
_WATCHING = {"watch", "unwatch", "watching"}
_OF_SERIES = {"series", "status"}
_SUBSCRIBING = {"subscribe", "subscribing", "subscription", "subscriptions", "unsubscribe", "unsubscribing"}
_KINDS = _WATCHING | _OF_SERIES | _SUBSCRIBING
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """Take back a change, the last one without a number.

    ``watching`` means those to what is watched alone, ``of_series`` those to the status of series, ``subscribing``
    those to subscriptions: everybody may take back their own, and nobody those of others.
    """

    intent: ClassVar[str] = "undo"
    is_for_everyone: ClassVar[bool] = True
    number: int | None = None
    watching: bool = False
    of_series: bool = False
    subscribing: bool = False

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``undo 3``."""
        del vocabulary, as_of
        if said.verb not in _VERBS:
            return None
        named = {each.text for each in said.tokens[1:]} - _JOINING
        words = [each.text for each in said.tokens[1:] if each.text in named - _KINDS]
        kinds = [not named.isdisjoint(kind) for kind in (_WATCHING, _OF_SERIES, _SUBSCRIBING)]
        if not words:
            return cls(None, *kinds)
        if len(words) == 1 and re.fullmatch(r"#?[0-9]{1,9}", words[0]):
            return cls(int(words[0].lstrip("#")), *kinds)
        return Refusal("name the change to undo by its number", "undo 3")

    def run(self, context: CommandContext) -> Result:
        """Take back the change that is meant: without a number the last of all. Raises UsageError."""
        from bot.domain.subscription_changes import changes_by
        from bot.services.certification import undo

        query, until = context.query, context.query.as_of.end
        own = effective(changes_by(context.who, query.store.subscriptions.all()), until)
        if not query.is_maintainer and not (self.subscribing or (self == Undo() and own)):
            raise UsageError(
                "undo", "only maintainers may undo changes", "your own to subscriptions: undo subscription"
            )
        watches = effective(query.store.watchlist.additions().changes, until)
        statuses = effective(query.store.series.changes(), until)
        milestones = [change for plan in query.plans for change in effective(plan.changes, until)]
        last = self._last(milestones, watches, statuses, own) if query.is_maintainer else own
        if self.subscribing or last is own:
            return self._undo_subscription(own, context)
        if self.watching or last is watches:
            return self._undo_watch(watches, context)
        if self.of_series or last is statuses:
            return self._undo_status(statuses, context)
        taken_back = undo(query.plans, self.number, query.store.certification, context.maker)
        plan = next(plan for plan in query.plans if taken_back in plan.changes)
        return MilestoneChanged(plan.series, taken_back, query.as_of, undone=True)

    def parameters(self) -> Json:
        """Return the number of the change, and the kind of changes that is meant."""
        return {
            "number": self.number,
            "watching": self.watching,
            "series": self.of_series,
            "subscriptions": self.subscribing,
        }

    def _last(self, *kinds: Sequence[Change]) -> Sequence[Change] | None:
        """Return the changes of the kind that the last one is of, None where a kind or a number was named."""
        if self.watching or self.of_series or self.subscribing or self.number is not None:
            return None
        made = [changes for changes in kinds if changes]
        return max(made, key=lambda changes: max(change.at for change in changes), default=None)

    def _undo_status(self, statuses: Sequence[StatusChange], context: CommandContext) -> SeriesMarked:
        found = [change for change in statuses if self.number in (None, change.number)]
        if not found:
            which = "the last change" if self.number is None else f"change {self.number}"
            raise UsageError(f"{which} to the status of a series", "not found", "list them: release-bot series")
        last, as_of = found[-1], context.query.as_of
        undoing = replace(last, number=0, at=as_of.end, who=context.who, undoes=last.number)
        context.query.store.series.add(undoing)
        return SeriesMarked(last, as_of, undone=True)

    def _undo_subscription(
        self, changes: Sequence["SubscriptionChange"], context: CommandContext
    ) -> "SubscriptionsRestored":
        found = [change for change in changes if self.number in (None, *(each.number for each in change.subscriptions))]
        if not found:
            which = "the last change" if self.number is None else "a change"
            of = "subscriptions" if self.number is None else f"subscription {self.number}"
            raise UsageError(f"{which} to {of}", "not found", "only your own can be undone; list them: subscriptions")
        query, last = context.query, found[-1]
        numbers = [each.number for each in last.subscriptions]
        store = query.store.subscriptions
        (store.resume if last.is_end else store.cancel)(numbers, context.who)
        return SubscriptionsRestored(last, query.as_of, {each.key: each.name for each in query.repositories})

    def _undo_watch(self, watches: Sequence[WatchChange], context: CommandContext) -> WatchlistChanged:
        found = [change for change in watches if self.number in (None, change.number)]
        if not found:
            which = "the last change" if self.number is None else f"change {self.number}"
            hint = "list them: release-bot watch changes"
            raise UsageError(f"{which} to the watch list", "not found", hint)
        last, as_of = found[-1], context.query.as_of
        if last.kind is WatchKind.ACCEPT:
            what = "began the history of another repository and cannot be undone"
            raise UsageError(f"change {last.number} to the watch list", what, "name another change")
        context.query.store.watchlist.add(
            WatchChange(0, as_of.end, context.who, WatchKind.UNDO, last.target, undoes=last.number)
        )
        return WatchlistChanged(last, as_of, undone=True)


@dataclass(frozen=True, slots=True)
class SubscriptionsRestored(Result):
    """A change to subscriptions that was undone; ``names`` are the repositories' names by key."""

    change: "SubscriptionChange"
    as_of: AsOf
    names: Mapping[str, str]

    def answer(self, markup: Markup) -> Answer:
        """Return which subscriptions go on, or are over."""
        from bot.render.subscription_words import subject_words

        lines = [f"{subject_words(each, self.names, markup)} ({each.number})" for each in self.change.subscriptions]
        done = "subscribed again to" if self.change.is_end else "no longer subscribed to"
        return Answer(f"undone: {done} {listed(lines, _MOST_NAMED)}")

    def data(self) -> Any:
        """Return the subscriptions as they were before, and whether they go on now."""
        from bot.render.subscription_words import subscription_json

        before = [subscription_json(each, self.as_of.zone) for each in self.change.subscriptions]
        return {"undone": True, "active": self.change.is_end, "subscriptions": before}
