"""Tags that no rule reads: "which tags could you not read?"."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names, span_words
from bot.queries.selection import EVERY_ONE, Filters, select
from bot.render.basis import basis_notes
from bot.render.json_form import moment_json
from bot.render.markup import Markup
from bot.render.release_table import minute
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import day, interval, listed, listed_as, plural
from bot.services.basis import Basis

_BESIDE = frozenset({Cue.TAGS, Cue.LIST, Cue.COUNT, Cue.ALL, Cue.NOUN, Cue.EVERYWHERE})
# How many repositories are named, and how many tags of each, the newest first.
_MOST_REPOSITORIES, _MOST_TAGS, _MOST_NAMES = 10, 10, 6
_COLUMNS = (Column("repository"), Column("tag"), Column("date"))


@dataclass(frozen=True, slots=True)
class UnreadTags(Query):
    """The tags that match no version scheme, and are not counted, of the repositories named, else of all.

    With a ``span``, those dated in it, or not dated.
    """

    intent: ClassVar[str] = "unread tags"
    order: ClassVar[int] = 2
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE | {Cue.FILLER, Cue.UNREAD, Cue.REPOSITORIES}
    repositories: tuple[str, ...] = ()
    span: Span | None = None

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about the tags that could not be read."""
        del as_of
        if not cues.has(Cue.UNREAD):
            return None
        if cues.series or cues.versions or cues.kinds or cues.units:
            return Refusal("an unclassified tag has no version, series or kind, and no breakdown")
        repositories = (EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories)
        return cls(repositories, cues.spans[0] if cues.spans else None)

    def run(self, context: QueryContext) -> "UnreadTagList":
        """Count them, and read the newest of the repositories with most. Raises UsageError."""
        chosen = select(Filters(self.repositories, span=self.span), context)
        start, end = chosen.period.start, chosen.period.until(context.as_of.end).end
        store = context.store.releases
        counts = store.unclassified([each.key for each in chosen.repositories], start, end)
        most = sorted(counts, key=lambda key: -counts[key])[:_MOST_REPOSITORIES]
        newest = {key: store.newest_unclassified(key, start, end, _MOST_TAGS) for key in most}
        basis = replace(chosen.basis, unclassified=0, unread=())
        return UnreadTagList(context.as_of, chosen.period, counts, newest, basis)

    def parameters(self) -> Json:
        """Return the repositories and the interval."""
        return {"repositories": list(self.repositories), "interval": span_words(self.span)}

    def wording(self) -> str:
        """Return ``which tags of DIRAC could you not read``."""
        names = ["all repositories" if name == EVERY_ONE else name for name in self.repositories]
        return joined("which tags", of_names(names), "could you not read", span_words(self.span))

    def followed_by(self, cues: Cues) -> "UnreadTags | None":
        """Return the same of other repositories, or of another interval."""
        if cues.versions or cues.series or cues.kinds or cues.is_with_pre or cues.is_without_pre:
            return None
        named = (EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories)
        span = cues.spans[0] if cues.spans else self.span
        return replace(self, repositories=named or self.repositories, span=span)


@dataclass(frozen=True, slots=True)
class UnreadTagList(Result):
    """How many tags of each repository match no version scheme, and the ``newest`` of those with most."""

    as_of: AsOf
    period: Period
    counts: Mapping[str, int]
    newest: Mapping[str, Sequence[tuple[str, datetime | None]]]
    basis: Basis

    def answer(self, markup: Markup) -> Answer:
        """Return the number, with a line for each repository."""
        total = sum(self.counts.values())
        having = [each for each in self.basis.repositories if each.key in self.counts]
        names = listed_as(having or self.basis.repositories, lambda each: markup.plain(each.name), _MOST_NAMES)
        undated = "" if self.period.start is None else ", or not dated"
        when = f"{markup.plain(interval(self.period))}{undated}"
        verb = "matches" if total == 1 else "match"
        number = markup.strong(f"{plural(total, 'tag')} of {names}")
        lines = [self._line(each, markup) for each in self._shown(having)]
        left = len(having) - len(lines)
        lines += [f"and {plural(left, 'more repository')}"] if left > 0 else []
        counted = " and is not counted" if total == 1 else " and are not counted" if total else ""
        notes = tuple(basis_notes(self.basis, self.as_of, markup.plain))
        return Answer(f"{number} {verb} no version scheme{counted}, {when}", _section(lines), notes)

    def tables(self) -> Sequence[Table]:
        """Return the tags that are shown."""
        rows = ((key, tag, minute(date, self.as_of.zone)) for key, tags in self.newest.items() for tag, date in tags)
        return [Table.of(_COLUMNS, rows)]

    def data(self) -> Any:
        """Return the number and the newest tags of each repository."""
        return [
            {
                "repository": key,
                "total": count,
                "newest": [
                    {"tag": tag, "date": moment_json(date, self.as_of.zone)} for tag, date in self.newest.get(key, ())
                ],
            }
            for key, count in self.counts.items()
        ]

    def _shown(self, having: Sequence[Repository]) -> list[Repository]:
        return [each for each in having if each.key in self.newest]

    def _line(self, repository: Repository, markup: Markup) -> str:
        tags = [_dated(tag, date, self.as_of, markup) for tag, date in self.newest[repository.key]]
        left = self.counts[repository.key] - len(tags)
        more = [f"{left:,} older"] if left > 0 else []
        return f"{markup.plain(repository.name)}: {listed([*tags, *more])}"


def _dated(tag: str, date: datetime | None, as_of: AsOf, markup: Markup) -> str:
    period = Period(None, as_of.end, as_of.zone)
    return f"{markup.plain(tag)} ({day(date, period) if date else 'no known date'})"


def _section(lines: Sequence[str]) -> tuple[Section, ...]:
    return (Section("", tuple(lines)),) if lines else ()
