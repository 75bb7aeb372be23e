"""Taking changes back: ``undo``, ``undo 3``, ``undo watch 2``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import JOINING, Instruction
from bot.commands.milestone import MilestoneChanged
from bot.commands.watch import WatchlistChanged
from bot.domain.certification.changes import effective
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.watchlist import WatchChange, WatchKind
from bot.queries.base import Json, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.services.certification import undo

_VERBS = {"undo", "revert"}
_JOINING = JOINING | {"change", "last", "that", "number"}
_WATCHING = {"watch", "unwatch", "watching"}


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """Take back a change, the last one without a number; ``watching`` means those to what is watched alone."""

    intent: ClassVar[str] = "undo"
    number: int | None = None
    watching: bool = False

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``undo 3``."""
        del vocabulary, as_of
        if said.verb not in _VERBS:
            return None
        named = [
            each.text for each in said.tokens[1:] if each.text not in JOINING | {"change", "last", "that", "number"}
        ]
        words = [word for word in named if word not in _WATCHING]
        watching = len(words) < len(named)
        if not words:
            return cls(watching=watching)
        if len(words) == 1 and re.fullmatch(r"#?[0-9]{1,9}", words[0]):
            return cls(int(words[0].lstrip("#")), watching)
        return Refusal("name the change to undo by its number", "undo 3")

    def run(self, context: CommandContext) -> Result:
        """Take back the change that is meant: without a number the last of all. Raises UsageError."""
        query = context.query
        watches = effective(query.store.watchlist.additions().changes, query.as_of.end)
        milestones = [change for plan in query.plans for change in effective(plan.changes, query.as_of.end)]
        newest = max((change.at for change in milestones), default=None)
        is_later = bool(watches) and (newest is None or watches[-1].at > newest)
        if self.watching or (self.number is None and is_later):
            return self._undo_watch(watches, context)
        taken_back = undo(query.plans, self.number, query.store.certification, context.maker)
        plan = next(plan for plan in query.plans if taken_back in plan.changes)
        return MilestoneChanged(plan.series, taken_back, query.as_of, undone=True)

    def parameters(self) -> Json:
        """Return the number of the change."""
        return {"number": self.number, "watching": self.watching}

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
