"""The status of series: "which series is recommended?", "is v7r1 still maintained?"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bot.domain.filters import KindWord, choose_repositories, wanted
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, SeriesStatus
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.selection import EVERY_ONE
from bot.render.basis import basis_notes
from bot.render.markup import Markup
from bot.render.release_words import dated
from bot.render.sections import Section
from bot.render.series_words import SeriesRow, marked_by, series_json, series_table, status_words
from bot.render.table import Table
from bot.render.words import listed, listed_as
from bot.services.basis import Basis, basis_of
from bot.services.series import require_lines

_ASKED = {
    Cue.RECOMMENDED: SeriesStatus.RECOMMENDED,
    Cue.MAINTAINED: SeriesStatus.MAINTAINED,
    Cue.END_OF_LIFE: SeriesStatus.END_OF_LIFE,
}
# The statuses for which "is it ...?" is answered with yes: a recommended series is maintained too.
_YES = {
    SeriesStatus.RECOMMENDED: {SeriesStatus.RECOMMENDED},
    SeriesStatus.MAINTAINED: {SeriesStatus.RECOMMENDED, SeriesStatus.MAINTAINED},
    SeriesStatus.END_OF_LIFE: {SeriesStatus.END_OF_LIFE},
}
# What asks for a status in other words, or for one series of those that have it.
_ASKED_TOO = {Cue.PRODUCTION: SeriesStatus.RECOMMENDED, Cue.OLDEST_MAINTAINED: SeriesStatus.MAINTAINED}
_BESIDE = frozenset({Cue.LIST, Cue.ALL, Cue.NOUN, Cue.LATEST, Cue.STATUS, Cue.REPOSITORIES, Cue.EVERYWHERE, Cue.LINE})
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class SeriesStatuses(Query):
    """The status of the series that are named, else of all that have one, or have what is ``asked``.

    ``is_oldest`` asks for the oldest series of each repository that is maintained, ``of_production`` for what is in
    production, which only a recommendation can stand for.
    """

    intent: ClassVar[str] = "series"
    order: ClassVar[int] = 5
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE | {Cue.FILLER, *_ASKED, *_ASKED_TOO}
    repositories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    asked: SeriesStatus | None = None
    is_oldest: bool = False
    of_production: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks what is recommended, maintained or at its end of life."""
        del as_of
        asked = list(dict.fromkeys(status for cue, status in (_ASKED | _ASKED_TOO).items() if cues.has(cue)))
        if not asked:
            return None
        if len(asked) > 1:
            return Refusal("ask for one status at a time, please", "which series is recommended")
        if cues.versions:
            return Refusal("a series has a status, a single release has none", "which series is recommended")
        if cues.spans or cues.kinds or cues.units:
            return Refusal("the status of a series has no interval, kind or breakdown")
        if "it" in cues.words and not (cues.series or cues.repositories):
            return Refusal("name the series or the repository", f"which series is {asked[0].value}")
        repositories = (EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories)
        is_oldest = cues.has(Cue.OLDEST_MAINTAINED) and not cues.series
        return cls(repositories, tuple(cues.series), asked[0], is_oldest, cues.has(Cue.PRODUCTION))

    def run(self, context: QueryContext) -> "SeriesStatusList":
        """Find them. Raises UsageError for an unknown repository or series."""
        chosen = choose_repositories(self.repositories or context.own, context.repositories)
        marked = context.marked_series
        lines = self._named(chosen, context) if self.series else self._marked(chosen, context)
        rows = [
            SeriesRow(each, series, marked.get((each.key, series)), newest.get(series))
            for each in chosen
            if (own := [series for key, series in lines if key == each.key])
            for newest in (_newest(each, own, context),)
            for series in own
        ]
        rows = _oldest(rows) if self.is_oldest else rows
        everything = Period(None, context.as_of.end, context.as_of.zone)
        basis = basis_of(chosen, context.store, everything, context.stale_after)
        instead = () if rows else _highest(chosen, context)
        return SeriesStatusList(self, context.as_of, rows, replace(basis, unclassified=0), instead)

    def _named(self, chosen: Sequence[Repository], context: QueryContext) -> list[Line]:
        watched, store = context.repositories, context.store
        found = (require_lines(text, chosen, watched, context.plans, store) for text in self.series)
        return list(dict.fromkeys(line for lines in found for line in lines))

    def _marked(self, chosen: Sequence[Repository], context: QueryContext) -> list[Line]:
        keys = {each.key for each in chosen}
        every = [each for each in context.marked_series.values() if each.repository in keys]
        if self.is_oldest:
            return [each.line for each in every if each.status in _YES[SeriesStatus.MAINTAINED]]
        return [each.line for each in every if self.asked in (None, each.status)]

    def parameters(self) -> Json:
        """Return the repositories, the series, and the status in question."""
        asked = self.asked.value if self.asked else None
        named = {"repositories": list(self.repositories), "series": list(self.series), "status": asked}
        return named | {"oldest": self.is_oldest, "production": self.of_production}

    def wording(self) -> str:
        """Return ``is v7r1 of DIRAC maintained``, ``which series of DIRAC are recommended``."""
        asked = self.asked or SeriesStatus.RECOMMENDED
        if self.is_oldest:
            return joined("what is the oldest maintained series", of_names(self.repositories))
        word = "production" if self.of_production else asked.value
        if self.series:
            return joined("is", *self.series, of_names(self.repositories), word)
        return joined("which series", of_names(self.repositories), "are", word)

    def followed_by(self, cues: Cues) -> "SeriesStatuses | None":
        """Return the status of other series."""
        if cues.versions or is_filtered(cues):
            return None
        named = (EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories)
        return replace(self, repositories=named or self.repositories, series=tuple(cues.series) or self.series)


def _newest(repository: Repository, series: Sequence[str], context: QueryContext) -> dict[str, Release]:
    """Return the newest final release of each series that has one."""
    asked = wanted([repository], (KindWord.FINAL,), series, since=None, until=context.as_of.end)
    return {release.series: release for release in context.store.releases.leading(asked)}


def _highest(chosen: Sequence[Repository], context: QueryContext) -> Sequence[Release]:
    """Return the highest final release of each repository that has one; of very many, of the first."""
    asked = wanted(chosen[:_MOST_NAMES], (KindWord.FINAL,), (), since=None, until=context.as_of.end)
    # They come by repository, then version.
    return tuple({release.repository: release for release in context.store.releases.leading(asked)}.values())


def _oldest(rows: Sequence[SeriesRow]) -> list[SeriesRow]:
    """Return the row of each repository whose newest release has the lowest version."""
    lowest: dict[str, SeriesRow] = {}
    for row in sorted((row for row in rows if row.newest), key=lambda row: row.newest.order if row.newest else ""):
        lowest.setdefault(row.repository.key, row)
    return list(lowest.values())


@dataclass(frozen=True, slots=True)
class SeriesStatusList(Result):
    """Series with their status, by repository as asked; ``instead`` are the newest final releases if there is none."""

    query: SeriesStatuses
    as_of: AsOf
    rows: Sequence[SeriesRow]
    basis: Basis
    instead: Sequence[Release] = ()

    def answer(self, markup: Markup) -> Answer:
        """Return the status of the one series that is meant, else how many there are, with a line for each."""
        period = Period(None, self.as_of.end, self.as_of.zone)
        unknown = (
            ("what is in production is not known here, only what is recommended",) if self.query.of_production else ()
        )
        notes = (*unknown, *basis_notes(self.basis, self.as_of, markup.plain))
        lines = tuple(status_words(row, period, markup) for row in self.rows)
        if len(lines) == 1:
            return Answer(
                f"{_first_words(self.query, self.rows[0])}{lines[0]}",
                notes=(*_by(self.rows[0], markup, period), *notes),
            )
        lines = lines or self._instead_of_each(markup)
        return Answer(self._sentence(markup), (Section("", lines),) if lines else (), notes)

    def tables(self) -> Sequence[Table]:
        """Return the series as a table."""
        return [series_table(self.rows, self.as_of.zone)]

    def data(self) -> Any:
        """Return the series."""
        return series_json(self.rows, self.as_of.zone)

    def _sentence(self, markup: Markup) -> str:
        if not self.rows:
            names = listed_as(self.basis.repositories, lambda each: markup.plain(each.name), _MOST_NAMES)
            which = f"is marked as {self.query.asked.value}" if self.query.asked else "has a status"
            return f"no series of {names} {which}{self._instead(markup)}"
        if self.query.is_oldest:
            return "the oldest maintained series of each repository"
        if self.query.series:
            return f"the status of {listed([markup.plain(series) for series in self.query.series])}"
        which = f"are marked as {self.query.asked.value}" if self.query.asked else "have a status"
        return f"{len(self.rows)} series {which}"

    def _instead(self, markup: Markup) -> str:
        """Return the newest release, where the one repository meant has one."""
        if not self.instead:
            return ""
        if len(self.basis.repositories) > 1:
            return "; the newest final releases"
        return f"; the newest final release is {self._dated(self.instead[0], markup)}"

    def _instead_of_each(self, markup: Markup) -> tuple[str, ...]:
        """Return a line for the newest release of each repository, where several are meant."""
        names = {each.key: each.name for each in self.basis.repositories}
        if len(names) == 1:
            return ()
        return tuple(f"{markup.plain(names[each.repository])}: {self._dated(each, markup)}" for each in self.instead)

    def _dated(self, release: Release, markup: Markup) -> str:
        return f"{markup.release(release)} ({dated(release, Period(None, self.as_of.end, self.as_of.zone))})"


def _first_words(query: SeriesStatuses, row: SeriesRow) -> str:
    if query.is_oldest:
        return "oldest maintained series: "
    if not query.series or query.asked is None or row.status is None:
        return ""
    return "yes, " if row.status in _YES[query.asked] else "no, "


def _by(row: SeriesRow, markup: Markup, period: Period) -> tuple[str, ...]:
    return (f"status set by: {marked_by(row.marked, period, markup)}",) if row.marked else ()
