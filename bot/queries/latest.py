"""The newest release of each series: "latest v7r1"."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord, Wanted
from bot.domain.numbering import Renumbered, is_overtaken, is_renumbered, mark_of
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, SeriesStatus, line_of
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.selection import BESIDE_RELEASES, UNFILTERED, Filters, Selection, select
from bot.render.basis import basis_notes
from bot.render.count_words import nouns
from bot.render.json_form import release_json
from bot.render.markup import Markup
from bot.render.release_table import releases_table
from bot.render.release_words import dated
from bot.render.sections import Section
from bot.render.table import Table
from bot.render.words import interval, listed_as, moment_words, plural, series_words, shortened
from bot.services.basis import Basis
from bot.services.twins import Apart, apart_of

_LONGEST_DAY = timedelta(hours=25)
_EACH = frozenset({GroupBy.SERIES, GroupBy.REPOSITORY})
_SEVERAL = frozenset({"releases", "versions", "patches", "prereleases", "pre-releases", "tags", "ones"})
_MOST_NAMES, _MOST_OTHERS, _MOST_RENUMBERED = 6, 6, 5
# In words, of more repositories those that released last are told.
_MOST_TOLD = 60


@dataclass(frozen=True, slots=True)
class Latest(Query):
    """The newest release of each series: final ones, unless kinds are requested."""

    intent: ClassVar[str] = "latest"
    order: ClassVar[int] = 58
    beside: ClassVar[frozenset[Cue] | None] = (BESIDE_RELEASES | {Cue.LATEST, Cue.TAGS, Cue.WHEN}) - {
        Cue.COUNT,
        Cue.NEW,
    }
    filters: Filters = UNFILTERED

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for the latest, or which series there are, or names a repository and nothing else."""
        del as_of
        filters = Filters.heard_in(cues)
        if cues.has(Cue.COUNT) or cues.versions or not _EACH.issuperset(cues.units):
            return None
        if cues.has(Cue.LATEST):
            # "The latest releases of January" are several: a list.
            is_list = (
                filters.span is not None and filters.span.start is not None and not cues.words.isdisjoint(_SEVERAL)
            )
            return None if is_list else cls(replace(filters, span=_looked_from(filters.span)))
        if cues.has(Cue.LINE) and cues.has(Cue.LIST) and not (cues.series or cues.has(Cue.NOUN, Cue.NEW)):
            return cls(filters)
        is_bare = filters == Filters(repositories=filters.repositories) and not cues.has(Cue.NOUN, Cue.NEW, Cue.OUT)
        return cls(filters) if is_bare and filters.repositories and not cues.units else None

    def run(self, context: QueryContext) -> "LatestReleases":
        """Find them. Raises UsageError."""
        found = select(self.filters, context, usual=(KindWord.FINAL,))
        asked = _told(found) if context.is_brief else found.wanted
        leading = found.source.leading(asked)
        renumbered = {} if self.filters.series else _renumbered(leading, asked, found, context)
        undated = found.source.undated(found.wanted)
        releases = _with_newest(leading, renumbered, found.repositories)
        marked = context.marked_series
        statuses = {line: marked[line].status for line in map(line_of, releases) if line in marked}
        apart = apart_of(releases, found.tags)
        return LatestReleases(
            self.filters,
            context.as_of,
            releases,
            found.basis,
            undated,
            renumbered,
            statuses,
            apart=apart,
            named=found.series,
            within=None if self.filters.span is None else found.period.until(context.as_of.end),
            left=0 if asked is found.wanted else len(found.repositories) - len({each.repository for each in releases}),
        )

    def parameters(self) -> Json:
        """Return the filters."""
        return self.filters.parameters()

    def wording(self) -> str:
        """Return ``latest releases of v7r1``."""
        return joined("latest", self.filters.wording())

    def followed_by(self, cues: Cues) -> "Latest | None":
        """Return the newest of other releases; those of an interval are another question."""
        return None if cues.versions or cues.spans else replace(self, filters=self.filters.followed_by(cues))


def _looked_from(span: Span | None) -> Span | None:
    """Return the end of a single day as the moment to look from: "the latest on 1 October" may be of September."""
    if span is None or not (isinstance(span.start, datetime) and isinstance(span.end, datetime)):
        return span
    is_day = span.end - span.start <= _LONGEST_DAY
    return Span(end=span.end, text=f"as of {span.start:%Y-%m-%d}") if is_day else span


@dataclass(frozen=True, slots=True)
class LatestReleases(Result):
    """The newest release of each series, by repository and version; ``undated`` have no known date.

    ``renumbered`` are the repositories whose highest version is not the newest by date, by key; ``statuses`` are of
    those series that have one. ``apart`` are those whose tags point to commits more than a day apart,
    ``named`` the series asked for as their projects spell them; ``within`` is the interval asked for, if one was.
    ``left`` is how many of very many repositories were not looked at, as others were among the last to release.
    """

    filters: Filters
    as_of: AsOf
    releases: Sequence[Release]
    basis: Basis
    undated: int = 0
    renumbered: Mapping[str, Renumbered] = field(default_factory=dict)
    statuses: Mapping[Line, SeriesStatus] = field(default_factory=dict)
    apart: Apart = field(default_factory=dict)
    named: Sequence[str] = ()
    within: Period | None = None
    left: int = 0

    @property
    def period(self) -> Period:
        """The interval that the releases are the newest of."""
        return self.within or Period(None, self.as_of.end, self.as_of.zone)

    def answer(self, markup: Markup) -> Answer:
        """Return the newest releases, the highest version first."""
        sentence, sections = _words(self, markup)
        undated = [f"not considered: {plural(self.undated, 'release')} without a known date"] if self.undated else []
        notes = (*_renumbered_lines(self, markup), *undated, *basis_notes(self.basis, self.as_of, markup.plain))
        return Answer(sentence, sections, notes)

    def tables(self) -> Sequence[Table]:
        """Return the releases."""
        return [releases_table(self.releases, self.as_of.zone, self.statuses)]

    def data(self) -> Any:
        """Return the releases, each with the status of its series, null where it has none.

        ``mark`` names the highest version and the newest by date where they differ.
        """
        return [
            release_json(each, self.as_of.zone, self.apart)
            | {"status": self.statuses.get(line_of(each)), "mark": mark_of(each, self.renumbered)}
            for each in self.releases
        ]


def _told(found: Selection) -> Wanted:
    """Return the wanted releases of those repositories that words have room for: the last ones to release."""
    if len(found.repositories) <= _MOST_TOLD:
        return found.wanted
    return found.wanted.among({each.repository for each in found.source.newest(found.wanted, _MOST_TOLD)})


def _renumbered(
    leading: Sequence[Release], asked: Wanted, found: Selection, context: QueryContext
) -> dict[str, Renumbered]:
    """Return the repositories whose highest version is not the newest by date, by key."""
    highest = {release.repository: release for release in leading}
    overtaken = {
        each.repository: Renumbered(highest[each.repository], each)
        for each in found.source.newest_of_each(asked)
        if each.repository in highest and is_overtaken(highest[each.repository], each)
    }
    lines = [(key, both.newest.series) for key, both in overtaken.items()]
    began = context.store.releases.known_series(lines) if lines else {}
    return {
        key: both
        for key, both in overtaken.items()
        if is_renumbered(both.highest, both.newest, began.get((key, both.newest.series)))
    }


def _with_newest(
    leading: Sequence[Release], renumbered: Mapping[str, Renumbered], repositories: Sequence[Repository]
) -> Sequence[Release]:
    """Add the newest by date where it does not lead its series, by repository and version."""
    missing = [both.newest for both in renumbered.values() if both.newest not in leading]
    if not missing:
        return leading
    places = {repository.key: place for place, repository in enumerate(repositories)}
    return sorted([*leading, *missing], key=lambda release: (places[release.repository], release.order))


def _renumbered_lines(found: LatestReleases, markup: Markup) -> list[str]:
    """Return a line for each of several repositories whose highest version is not the newest by date."""
    if len({release.repository for release in found.releases}) == 1:
        return []
    period = Period(None, found.as_of.end, found.as_of.zone)
    meant = [each for each in found.basis.repositories if each.key in found.renumbered]
    lines = [f"{markup.plain(each.name)}: {_both(found.renumbered[each.key], period, markup)}" for each in meant]
    return shortened(lines, _MOST_RENUMBERED)


def _both(both: Renumbered, period: Period, markup: Markup) -> str:
    highest, newest = (f"{markup.release(each)} ({dated(each, period)})" for each in (both.highest, both.newest))
    return f"highest version: {highest}; newest by date: {newest}"


def _words(found: LatestReleases, markup: Markup) -> tuple[str, tuple[Section, ...]]:
    period = found.period
    by_repository: dict[str, list[Release]] = {}
    for release in reversed(found.releases):
        by_repository.setdefault(release.repository, []).append(release)
    having = {each: by_repository[each.key] for each in found.basis.repositories if each.key in by_repository}
    when = markup.plain(_when(found))
    if not having:
        series = series_words([markup.plain(each) for each in found.named])
        names = listed_as(found.basis.repositories, lambda each: markup.plain(each.name), _MOST_NAMES)
        noun, _ = nouns([kind.value for kind in found.filters.kinds or (KindWord.FINAL,)], is_asked=True)
        return f"no {noun} of {series or names}, {when}", ()
    writing = _Writing(period, markup, found.statuses)
    if (len(found.releases) == 1 or len(having) == 1) and not found.left:
        [(repository, releases)] = having.items()
        if both := found.renumbered.get(repository.key):
            others = [release for release in releases if mark_of(release, found.renumbered) is None]
            said = f"{markup.plain(repository.name)}: {markup.strong(_both(both, period, markup))}, {when}"
            return said, tuple(_others(others, writing))
        newest = releases[0]
        said = f"the newest{_of_series(found, markup)} of {markup.plain(repository.name)} is "
        sentence = f"{writing.recommended(releases)}{said}{markup.strong(markup.release(newest))} "
        return f"{sentence}({writing.about(newest)}), {when}", tuple(_others(releases[1:], writing))
    lines = [_newest_line(repository, releases, writing) for repository, releases in having.items()]
    rest = [f"and {plural(found.left, 'other repository')}: name one to see its newest"] if found.left else []
    return f"the newest releases, {when}", (Section("", (*lines, *rest)),)


def _when(found: LatestReleases) -> str:
    """Return the moment looked from, or the interval that was asked for."""
    if found.within is None:
        return f"as of {moment_words(found.as_of.end, found.as_of.zone)} ({found.as_of.zone.key})"
    return interval(found.period)


@dataclass(frozen=True, slots=True)
class _Writing:
    """How releases are written: dates near a period, a markup, and the statuses of series."""

    period: Period
    markup: Markup
    statuses: Mapping[Line, SeriesStatus]

    def about(self, release: Release) -> str:
        """Return a release's date, and the status of its series."""
        status = self.statuses.get(line_of(release))
        return ", ".join([dated(release, self.period), *([status.value] if status else [])])

    def listed(self, releases: Sequence[Release], most: int) -> str:
        """Return releases in a line, those of recommended series first."""
        ordered = sorted(releases, key=lambda each: not self.is_recommended(each))
        return listed_as(ordered, lambda each: f"{self.markup.release(each)} ({self.about(each)})", most)

    def is_recommended(self, release: Release) -> bool:
        """Return whether the series of a release is recommended."""
        return self.statuses.get(line_of(release)) is SeriesStatus.RECOMMENDED

    def recommended(self, releases: Sequence[Release]) -> str:
        """Return ``recommended: v9r0 (v9.0.22); ``, empty if the first of the releases is recommended, or none is."""
        found = [each for each in releases if self.is_recommended(each)]
        if not found or self.is_recommended(releases[0]):
            return ""
        plain, release = self.markup.plain, self.markup.release
        named = listed_as(found, lambda each: f"{plain(each.series)} ({release(each)})", _MOST_NAMES)
        return f"recommended: {named}; "


def _of_series(found: LatestReleases, markup: Markup) -> str:
    series, asked = found.named, found.filters.kinds
    kinds = {"pre-release": " pre-release", "patch": " patch release"}
    kind = kinds.get(asked[0].value, "") if len(asked) == 1 else ""
    if len(series) != 1:
        return kind or " release"
    name = markup.plain(series[0])
    if name[:1].isdigit():
        return f"{kind or ' release'} of series {name}"
    return f"{kind} of {name}" if kind else f" {name}"


def _others(releases: Sequence[Release], writing: _Writing) -> list[Section]:
    return [Section("", (f"other series: {writing.listed(releases, _MOST_OTHERS)}",))] if releases else []


def _newest_line(repository: Repository, releases: Sequence[Release], writing: _Writing) -> str:
    return f"{writing.markup.plain(repository.name)}: {writing.listed(releases, 2)}"
