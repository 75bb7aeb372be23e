"""How many releases there are, how they divide, and which they are: what counts and lists come to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from bot.domain.counts import Group, GroupBy, Tally, is_calendar, sum_by, with_zeros
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import Line
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, QueryContext, Result
from bot.queries.selection import Filters, Selection, select
from bot.render.basis import Plain, basis_notes, gap_notes, unread_clause
from bot.render.count_words import counted, whose
from bot.render.json_form import group_json, moment_json, period_json, releases_json
from bot.render.markup import Markup
from bot.render.release_table import releases_table
from bot.render.release_words import apart_line, bounds_words, dated, edge_line
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import interval, listed_as, moment_words, plural, printable, shortened
from bot.services.basis import Basis
from bot.services.names import spelled_lines
from bot.services.twins import Apart, apart_of

# How many releases an answer lists before it folds the rest.
FOLD = 10
_SERIES = (GroupBy.REPOSITORY, GroupBy.SERIES)
_MOST_NAMES, _MOST_SERIES, _MOST_BARS = 6, 6, 60
_MOST_SERIES_EACH = 3
_MOST_SPELLED = 40
_MOST_A_LINE = 12
_LONGEST_BAR = 24
_MOST_APART = 5
# "last month" may be meant either way; the answer says which way it was read, and how to say the other.
_EITHER_WAY = re.compile(r"(?:(?:in|of|for|during|over|within|on|since) )?last (day|week|month|quarter|year)")


@dataclass(frozen=True, slots=True)
class ReleaseList(Result):
    """How many releases, or which: ``releases`` are the newest of the ``total``, newest first.

    ``series`` counts them by repository and series; ``groups`` by the ``units`` that were asked for. ``undated``
    releases are not in it because no date of theirs is known; ``at_edges`` may belong to the other side of an edge of
    the period. ``apart`` are those of both whose tags point to commits more than a day apart. ``named`` are the series
    asked for, and ``spelled`` those counted, as their projects spell them; of very many, the latter are not looked up.
    ``totals`` counts them by repository; ``series`` may then have those alone that a sentence names.
    """

    filters: Filters
    period: Period
    as_of: AsOf
    kinds: Sequence[str]
    total: int
    series: Sequence[Group]
    groups: Sequence[Group]
    units: Sequence[GroupBy]
    releases: Sequence[Release]
    undated: int
    basis: Basis
    follow_ups: Sequence[FollowUp] = ()
    at_edges: Sequence[Release] = ()
    apart: Apart = field(default_factory=dict)
    named: Sequence[str] = ()
    spelled: Mapping[Line, str] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)

    def answer(self, markup: Markup) -> Answer:
        """Return the number, of what, for which interval, and how it divides; then what is behind it."""
        parts = [Section("", _bars(self, markup)), _listing(self, markup)]
        sections = tuple(part for part in parts if part.lines)
        return Answer(_sentence(self, markup), sections, tuple(self._notes(markup)), tuple(self.follow_ups))

    def tables(self) -> Sequence[Table]:
        """Return the breakdown that was asked for, and the releases."""
        breakdown = [_groups_table(self.groups, self.units)] if self.groups else []
        releases = [releases_table(self._in_order(), self.period.zone)] if self.releases else []
        return [*breakdown, *releases]

    def data(self) -> Any:
        """Return the number with all that it rests on, and the releases by repository and version."""
        zone = self.period.zone
        return {
            "period": period_json(self.period),
            "as_of": moment_json(self.as_of.end, zone),
            "kinds": list(self.kinds),
            "total": self.total,
            "groups": [group_json(group) for group in self.groups],
            "by_series": [group_json(group) for group in self.series],
            "releases": releases_json(self._in_order(), zone, self.apart),
            "undated": self.undated,
            "at_edges": releases_json(self.at_edges, zone, self.apart),
            "unclassified": self.basis.unclassified,
            "notes": [*_edge_lines(self, printable), *gap_notes(self.basis, self.as_of, printable)],
            "complete_until": moment_json(self.basis.complete_until, zone),
            "gaps": [
                {"repository": gap.repository.key, "since": moment_json(gap.since, zone), "error": gap.error}
                for gap in self.basis.gaps
            ],
        }

    def _in_order(self) -> list[Release]:
        places = {repository.key: place for place, repository in enumerate(self.basis.repositories)}
        return sorted(self.releases, key=lambda release: (places[release.repository], release.order))

    def _notes(self, markup: Markup) -> list[str]:
        notes = _reading(self)
        if self.undated:
            notes.append(f"not counted: {plural(self.undated, 'release')} without a known date")
        notes += _edge_lines(self, markup.plain)
        notes += _apart_lines(self, markup)
        # The sentence says already which repositories are mostly unread.
        return [*notes, *basis_notes(replace(self.basis, unread=()), self.as_of, markup.plain)]


def find_releases(
    filters: Filters,
    context: QueryContext,
    *,
    units: Sequence[GroupBy] = (),
    most: int | None = FOLD,
    with_withdrawn: bool = False,
    is_brief: bool = False,
) -> ReleaseList:
    """Count the releases that filters mean, by units, and list the ``most`` newest, None for all.

    Withdrawn ones are never counted, and listed only ``with_withdrawn``. Of very many repositories an ``is_brief``
    list counts those series alone that its sentence names. Raises UsageError.
    """
    selection = select(filters, context)
    return list_selected(selection, context, units=units, most=most, with_withdrawn=with_withdrawn, is_brief=is_brief)


def list_selected(
    selection: Selection,
    context: QueryContext,
    *,
    units: Sequence[GroupBy] = (),
    most: int | None = FOLD,
    with_withdrawn: bool = False,
    is_brief: bool = False,
) -> ReleaseList:
    """Count the releases of a selection, and list them, as ``find_releases`` does."""
    filters = selection.filters
    source, period = selection.source, selection.period
    counted: Sequence[Tally] | None
    if is_brief and len(selection.repositories) > _MOST_SPELLED and not filters.series:
        by_repository = source.tally(selection.wanted, (GroupBy.REPOSITORY,), period.zone)
        totals = _by_repository(by_repository)
        tallies = _of_named(totals, selection)
        counted = by_repository if list(units) == [GroupBy.REPOSITORY] else None
    else:
        # Where series are named, few rows tell calendar units apart too: one scan serves both.
        tallies = source.tally(selection.wanted, (*_SERIES, *units) if filters.series else _SERIES, period.zone)
        totals = _by_repository(tallies)
        counted = tallies if filters.series or not any(map(is_calendar, units)) else None
    shown = replace(selection.wanted, with_withdrawn=with_withdrawn)
    listed = [] if most == 0 else source.newest(shown, most)
    uncertain = source.uncertain(selection.wanted)
    series = sum_by(tallies, _SERIES, period.zone)
    return ReleaseList(
        filters=filters,
        period=period,
        as_of=context.as_of,
        kinds=selection.kinds,
        total=sum(totals.values()),
        series=series,
        groups=_groups(units, counted, selection, context.as_of),
        units=units,
        releases=listed,
        undated=uncertain.undated,
        basis=selection.basis,
        at_edges=uncertain.at_edges,
        named=selection.series,
        spelled=_spelled(series, totals, selection.repositories, context),
        apart=apart_of([*listed, *uncertain.at_edges], selection.tags),
        totals=totals,
    )


def _by_repository(tallies: Iterable[Tally]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for tally in tallies:
        totals[tally.repository] = totals.get(tally.repository, 0) + tally.count
    return totals


def _of_named(totals: Mapping[str, int], selection: Selection) -> Sequence[Tally]:
    """Count by series those repositories alone that an answer names."""
    return selection.source.tally(selection.wanted.among(_foremost(totals)), _SERIES, selection.period.zone)


def _foremost(totals: Mapping[str, int]) -> list[str]:
    """Return the repositories that an answer names: those with most releases, all where every release is listed."""
    most = _MOST_NAMES if sum(totals.values()) > FOLD else FOLD
    return sorted(totals, key=lambda key: -totals[key])[:most]


def _spelled(
    series: Sequence[Group], totals: Mapping[str, int], repositories: Sequence[Repository], context: QueryContext
) -> dict[Line, str]:
    """Return the series of groups as their projects spell them; of very many, those of repositories that are named."""
    lines = [(key, name) for (_, key), (_, name) in (group.keys for group in series)]
    if len(lines) > _MOST_SPELLED:
        named = frozenset(_foremost(totals))
        lines = [line for line in lines if line[0] in named]
    return spelled_lines(lines, repositories, context.store.releases) if len(lines) <= _MOST_SPELLED else {}


def _groups(
    units: Sequence[GroupBy], counted: Sequence[Tally] | None, selection: Selection, as_of: AsOf
) -> tuple[Group, ...]:
    """Sum what was counted by the units, or count by them where it does not tell them apart."""
    if not units:
        return ()
    period = selection.period
    tallies = selection.source.tally(selection.wanted, units, period.zone) if counted is None else counted
    return with_zeros(sum_by(tallies, units, period.zone), units, period.until(as_of.end))


def _groups_table(groups: Sequence[Group], units: Sequence[GroupBy]) -> Table:
    columns = [*(Column(unit.value) for unit in units), Column("count", is_number=True)]
    return Table.of(columns, ([*(value for _, value in group.keys), str(group.count)] for group in groups))


def _reading(found: ReleaseList) -> list[str]:
    """Return the ways in which the words of the question could be read."""
    notes = []
    zone = found.as_of.zone
    if found.filters.known_at is not None:
        notes.append(f"using only what had been seen by {moment_words(found.filters.known_at, zone)}")
    span = found.filters.span
    if span is not None and (either := _EITHER_WAY.fullmatch(span.text)):
        unit = either[1]
        notes.append(
            f"“last {unit}” is the previous calendar {unit}; for the {unit} up to now, ask “in the last {unit}”"
        )
    if len(found.kinds) > 1 and not found.filters.kinds:
        notes.append("counts each repository's ordinary releases: patch or final releases")
    return notes


def _edge_lines(found: ReleaseList, plain: Plain) -> list[str]:
    """Return a line on releases that may belong to the other side of the period's edges, or nothing."""
    repositories = found.basis.repositories
    if not found.at_edges:
        return []
    names = {each.key: f"{plain(each.name)} " if len(repositories) > 1 else "" for each in repositories}
    period = found.period
    return [
        edge_line(
            [f"{names[each.repository]}{plain(each.version)} ({bounds_words(each, period)})" for each in found.at_edges]
        )
    ]


def _apart_lines(found: ReleaseList, markup: Markup) -> list[str]:
    """Return a line for each listed release whose tags point to commits days apart, the newest first."""
    apart = found.apart
    lines = [
        apart_line(each.tags, apart[each.repository, each.normalized])
        for each in found.releases
        if (each.repository, each.normalized) in apart
    ]
    return shortened([markup.plain(line) for line in lines], _MOST_APART)


def _sentence(found: ReleaseList, markup: Markup) -> str:
    number = counted(found.total, found.kinds, is_asked=bool(found.filters.kinds))
    of = whose(found.named, _having(found), markup)
    said = f"{markup.strong(f'{number} {of}')}, {markup.plain(interval(found.period))}"
    divided, but = _division(found, markup), unread_clause(found.basis, markup.plain)
    return f"{said}: {divided}{but}" if divided else f"{said}{but}"


def _having(found: ReleaseList) -> Sequence[Repository]:
    """Return the repositories that a series is said to be of: the one that alone has it, else all that are meant."""
    every = found.basis.repositories
    return [each for each in every if each.key in found.totals] if found.named and len(found.totals) == 1 else every


def _division(found: ReleaseList, markup: Markup) -> str:
    """Divide the number by repository and series, where there are several."""
    totals = found.totals
    by_repository: dict[str, list[tuple[Line, int]]] = {}
    for group in found.series:
        (_, repository), (_, name) = group.keys
        by_repository.setdefault(repository, []).append(((repository, name), group.count))
    names = {repository.key: repository.name for repository in found.basis.repositories}
    if len(totals) == 1 and len(_having(found)) > 1:
        [(key, series)] = by_repository.items()
        return f"all of {markup.plain(names[key])} ({_by_series(series, found, markup)})"
    if len(totals) < 2:  # noqa: PLR2004 - one part is the whole
        return _by_series(next(iter(by_repository.values())), found, markup) if len(found.series) > 1 else ""

    def part(key: str) -> str:
        series = by_repository[key]
        detail = f" ({_by_series(series, found, markup)})" if 1 < len(series) <= _MOST_SERIES_EACH else ""
        return f"{markup.part(f'{totals[key]:,}', [key])} of {markup.plain(names[key])}{detail}"

    return listed_as(sorted(totals, key=lambda key: -totals[key]), part, _MOST_NAMES)


def _by_series(series: Sequence[tuple[Line, int]], found: ReleaseList, markup: Markup) -> str:
    """Write each series with its count, the lowest version first; the oldest of many are summed."""
    shown, older = series[-_MOST_SERIES:], series[:-_MOST_SERIES]

    def part(*counted: tuple[Line, int]) -> str:
        (key, _), _ = counted[0]
        return markup.part(f"{sum(count for _, count in counted):,}", [key], [name for (_, name), _ in counted])

    rest = [f"{len(older)} older series: {part(*older)}"] if older else []
    return ", ".join(
        [*rest, *(f"{markup.plain(found.spelled.get(each[0], each[0][1]))}: {part(each)}" for each in shown)]
    )


def _bars(found: ReleaseList, markup: Markup) -> tuple[str, ...]:
    """Write a line for each group, with a bar where they follow in time; the earliest of very many are summed."""
    groups = found.groups[-_MOST_BARS:]
    left = found.groups[:-_MOST_BARS] if len(found.groups) > _MOST_BARS else ()
    longest = max((group.count for group in groups), default=0)
    names = {repository.key: repository.name for repository in found.basis.repositories}
    lines = [f"before: {sum(group.count for group in left):,}"] if left else []
    for group in groups:
        label = " ".join(markup.plain(names.get(value, value)) for _, value in group.keys)
        bar = f" {_bar(group, longest)}" if is_calendar(group.keys[0][0]) else ":"
        lines.append(f"{label}{bar} {group.count:,}")
    return tuple(lines)


def _bar(group: Group, longest: int) -> str:
    """Draw a count as a bar; the longest is that of the greatest count."""
    length = group.count if longest <= _LONGEST_BAR else round(group.count * _LONGEST_BAR / longest)
    return "▇" * max(length, 1) if group.count else "·"


def _listing(found: ReleaseList, markup: Markup) -> Section:
    """List the releases, oldest first, by series where all are shown; else the newest alone."""
    if found.total > len(found.releases):
        return _newest(found, markup)
    groups: dict[tuple[str, str], list[Release]] = {}
    for release in reversed(found.releases):
        groups.setdefault((release.repository, release.series), []).append(release)
    names = {repository.key: repository.name for repository in found.basis.repositories}
    several = len({repository for repository, _ in groups}) > 1
    lines, counts = [], []
    for repository, series in sorted(groups, key=lambda key: (list(names).index(key[0]), groups[key][0].order)):
        name = f"{markup.plain(names[repository])} " if several else ""
        line_name = markup.plain(found.spelled.get((repository, series), series))
        releases = groups[repository, series]
        for at in range(0, len(releases), _MOST_A_LINE):
            part = releases[at : at + _MOST_A_LINE]
            line = ", ".join(f"{markup.release(each)} ({dated(each, found.period)})" for each in part)
            lines.append(line if at else f"{name}{line_name}: {line}")
            counts.append(len(part))
    return Section("", tuple(lines), tuple(counts))


def _newest(found: ReleaseList, markup: Markup) -> Section:
    among = {release.repository for release in found.releases}
    names = {
        each.key: f"{markup.plain(each.name)} " if len(among) > 1 else ""
        for each in found.basis.repositories
        if each.key in among
    }
    shown = [f"{names[each.repository]}{markup.release(each)} ({dated(each, found.period)})" for each in found.releases]
    if not shown:
        return Section("", ())
    return Section("", (f"newest {len(shown)}: {', '.join(shown)}",), (found.total,))
