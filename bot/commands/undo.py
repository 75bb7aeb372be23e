"""Taking changes back: ``undo``, ``undo 3``, ``undo watch 2``, ``undo series 1``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import JOINING, Instruction
from bot.commands.milestone import MilestoneChanged
from bot.commands.series import SeriesMarked
from bot.commands.watch import WatchlistChanged
from bot.domain.certification.changes import Change, effective
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.series_status import StatusChange
from bot.domain.watchlist import WatchChange, WatchKind
from bot.queries.base import Json, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.services.certification import undo

_VERBS = {"undo", "revert"}
_JOINING = JOINING | {"change", "last", "that", "number"}
_WATCHING = {"watch", "unwatch", "watching"}
_OF_SERIES = {"series", "status"}


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """Take back a change, the last one without a number.

    ``watching`` means those to what is watched alone, ``of_series`` those to the status of series.
    """

    intent: ClassVar[str] = "undo"
    number: int | None = None
    watching: bool = False
    of_series: bool = False

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``undo 3``."""
        del vocabulary, as_of
        if said.verb not in _VERBS:
            return None
        named = {each.text for each in said.tokens[1:]} - _JOINING
        words = [each.text for each in said.tokens[1:] if each.text in named - _WATCHING - _OF_SERIES]
        watching, of_series = not named.isdisjoint(_WATCHING), not named.isdisjoint(_OF_SERIES)
        if not words:
            return cls(watching=watching, of_series=of_series)
        if len(words) == 1 and re.fullmatch(r"#?[0-9]{1,9}", words[0]):
            return cls(int(words[0].lstrip("#")), watching, of_series)
        return Refusal("name the change to undo by its number", "undo 3")

    def run(self, context: CommandContext) -> Result:
        """Take back the change that is meant: without a number the last of all. Raises UsageError."""
        query, until = context.query, context.query.as_of.end
        watches = effective(query.store.watchlist.additions().changes, until)
        statuses = effective(query.store.series.changes(), until)
        milestones = [change for plan in query.plans for change in effective(plan.changes, until)]
        last = self._last(milestones, watches, statuses)
        if self.watching or last is watches:
            return self._undo_watch(watches, context)
        if self.of_series or last is statuses:
            return self._undo_status(statuses, context)
        taken_back = undo(query.plans, self.number, query.store.certification, context.maker)
        plan = next(plan for plan in query.plans if taken_back in plan.changes)
        return MilestoneChanged(plan.series, taken_back, query.as_of, undone=True)

    def parameters(self) -> Json:
        """Return the number of the change, and the kind of changes that is meant."""
        return {"number": self.number, "watching": self.watching, "series": self.of_series}

    def _last(self, *kinds: Sequence[Change]) -> Sequence[Change] | None:
        """Return the changes of the kind that the last one is of, None where a kind or a number was named."""
        if self.watching or self.of_series or self.number is not None:
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
