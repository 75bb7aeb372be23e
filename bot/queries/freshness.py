"""How fresh the data is: "when did you last check?", "is the data up to date?"."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from bot.domain.filters import choose_repositories
from bot.domain.gaps import Gap
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.record import RepositoryRecord
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.selection import EVERY_ONE
from bot.render.json_form import moment_json
from bot.render.markup import Markup
from bot.render.release_table import minute
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import listed_as, moment_words, plural, shortened
from bot.services.basis import Basis, basis_of

_BESIDE = frozenset({Cue.FRESHNESS, Cue.WHEN, Cue.REPOSITORIES, Cue.EVERYWHERE, Cue.WATCH})
_MOST_LINES, _MOST_NAMES = 10, 6
_COLUMNS = (
    Column("repository"),
    Column("last check"),
    Column("last complete check", rank=1),
    Column("error", rank=2),
)


@dataclass(frozen=True, slots=True)
class Freshness(Query):
    """When the repositories named were last checked, else all."""

    intent: ClassVar[str] = "freshness"
    order: ClassVar[int] = 3
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE | {Cue.FILLER}
    repositories: tuple[str, ...] = ()

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about how fresh the data is."""
        del as_of
        if not cues.has(Cue.FRESHNESS):
            return None
        if cues.spans or cues.series or cues.versions or cues.kinds or cues.units:
            return Refusal(
                "repositories are checked as a whole: I know no freshness of a series, a release or an interval"
            )
        return cls((EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories))

    def run(self, context: QueryContext) -> "Checked":
        """Find when they were polled. Raises UsageError."""
        chosen = choose_repositories(self.repositories or context.own, context.repositories)
        everything = Period(None, context.as_of.end, context.as_of.zone)
        basis = basis_of(chosen, context.store, everything, context.stale_after)
        records = context.store.tags.records([each.key for each in chosen])
        return Checked(context.as_of, records, replace(basis, unclassified=0, unread=(), doubtful=()))

    def parameters(self) -> Json:
        """Return the repositories."""
        return {"repositories": list(self.repositories)}

    def wording(self) -> str:
        """Return ``how fresh is the data of DIRAC``."""
        names = ["all repositories" if name == EVERY_ONE else name for name in self.repositories]
        return joined("how fresh is this", of_names(names))

    def followed_by(self, cues: Cues) -> "Freshness | None":
        """Return the same of other repositories."""
        if cues.versions or cues.series or is_filtered(cues):
            return None
        return Freshness((EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories))


@dataclass(frozen=True, slots=True)
class Checked(Result):
    """When each repository was last polled, and which were not as late as they should be."""

    as_of: AsOf
    records: Sequence[RepositoryRecord]
    basis: Basis

    def answer(self, markup: Markup) -> Answer:
        """Return one line where all is fresh, else a line for each repository that is not."""
        repositories, gaps = self.basis.repositories, self.basis.gaps
        if not repositories:
            return Answer("I watch no repository, so there is no data")
        names = listed_as(repositories, lambda each: markup.plain(each.name), _MOST_NAMES)
        if not gaps:
            checked = self._earliest([each.polled_at for each in self.records])
            sentence = f"the data of {names} is up to date: last checked {markup.strong(checked)}"
            return Answer(sentence, (), self._notes([each.complete_at for each in self.records]))
        lines = tuple(shortened([_late(gap, self.as_of, markup) for gap in gaps], _MOST_LINES))
        number = markup.strong(f"{len(gaps):,} of {plural(len(repositories), 'repository')}")
        verb = "was" if len(gaps) == 1 else "were"
        when = f"as of {moment_words(self.as_of.end, self.as_of.zone)} ({self.as_of.zone.key})"
        sentence = f"the data of {names} may be incomplete: {number} {verb} not checked lately, {when}"
        return Answer(sentence, (Section("", lines),), self._others({gap.repository.key for gap in gaps}))

    def _others(self, late: Collection[str]) -> tuple[str, ...]:
        """Return a note on the repositories that are up to date."""
        polled = [each.polled_at for each in self.records if each.repository not in late]
        if not polled:
            return ()
        return (f"the rest: last checked {self._earliest(polled)}",)

    def _notes(self, complete: Sequence[datetime | None]) -> tuple[str, ...]:
        """Return a note on when every tag was seen last: a quick check looks for new ones only."""
        if None in complete:
            return ()
        return (f"every tag was last compared {self._earliest(complete)}; checks in between look for new tags",)

    def _earliest(self, moments: Sequence[datetime | None]) -> str:
        """Return the earliest of several moments, with ``or later`` where they differ by the minute."""
        zone = self.as_of.zone
        known = sorted(min(each, self.as_of.end) for each in moments if each is not None)
        words = [moment_words(each, zone) for each in (known[0], known[-1])]
        return f"{words[0]} ({zone.key}){' or later' if words[0] != words[1] else ''}"

    def tables(self) -> Sequence[Table]:
        """Return when each repository was polled."""
        zone = self.as_of.zone
        rows = (
            (each.repository, minute(each.polled_at, zone), minute(each.complete_at, zone), each.error or "")
            for each in self.records
        )
        return [Table.of(_COLUMNS, rows)]

    def data(self) -> Any:
        """Return the same."""
        zone = self.as_of.zone
        return [
            {
                "repository": each.repository,
                "checked": moment_json(each.polled_at, zone),
                "checked_completely": moment_json(each.complete_at, zone),
                "error": each.error,
            }
            for each in self.records
        ]


def _late(gap: Gap, as_of: AsOf, markup: Markup) -> str:
    since = "never checked" if gap.since is None else f"last checked {moment_words(gap.since, as_of.zone)}"
    return f"{markup.plain(gap.repository.name)}: {since}{f': {markup.plain(gap.error)}' if gap.error else ''}"
