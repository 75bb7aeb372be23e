"""Which has the most or the fewest: "which month of 2020 had most releases?", "the busiest week of 2020"."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from bot.domain.counts import Group, GroupBy, calendar_unit, is_calendar
from bot.domain.extremes import extreme_groups
from bot.domain.periods.days import Unit, around
from bot.domain.periods.period import AsOf, Period, midnight
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.rate import BESIDE_NUMBERS
from bot.queries.release_list import ReleaseList, list_selected
from bot.queries.releases import Count
from bot.queries.selection import UNFILTERED, Filters, names_more, select
from bot.render.basis import unread_clause
from bot.render.count_words import counted, nouns, whose
from bot.render.json_form import group_json, moment_json, period_json
from bot.render.markup import Markup
from bot.render.table import Column, Table
from bot.render.words import interval, listed, listed_as

_CUES = frozenset({Cue.MOST, Cue.FEWEST})
_MOST_NAMES = 12
_SERIES = (GroupBy.REPOSITORY, GroupBy.SERIES)


@dataclass(frozen=True, slots=True)
class Extreme(Query):
    """Which of the ``unit`` has the most releases, or the fewest."""

    intent: ClassVar[str] = "extreme"
    order: ClassVar[int] = 7
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_NUMBERS | _CUES | {Cue.REPOSITORIES, Cue.WHEN}
    filters: Filters = UNFILTERED
    unit: GroupBy = GroupBy.MONTH
    is_most: bool = True

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read ``which month had most releases``, ``the busiest week``."""
        del as_of
        if cues.has(Cue.BOUND):
            return Refusal("I do not choose by a number of releases; ask for a breakdown, by month for example")
        if not cues.has(*_CUES):
            return None
        if cues.heard >= _CUES or names_more(cues):
            return Refusal("one extreme at a time, please: the most or the fewest releases")
        units = list(dict.fromkeys([*cues.ranked, *cues.units]))
        if len(units) != 1 or units[0] is GroupBy.KIND:
            return Refusal("say what has them: which series, repository, day, week, month, quarter or year")
        return cls(Filters.heard_in(cues), units[0], cues.has(Cue.MOST))

    def run(self, context: QueryContext) -> "ExtremeGroups":
        """Count them. Raises UsageError."""
        selection = select(self.filters, context)
        units = (self.unit,) if is_calendar(self.unit) or self.unit is GroupBy.REPOSITORY else _SERIES
        found = list_selected(selection, context, units=units, most=0, is_brief=context.is_brief)
        ended = found.period.until(context.as_of.end)
        groups = _with_repositories(found) if self.unit is GroupBy.REPOSITORY else found.groups
        return ExtremeGroups(self, found, ended, groups, extreme_groups(groups, is_most=self.is_most))

    def parameters(self) -> Json:
        """Return the filters, the unit, and whether the most are asked for."""
        return self.filters.parameters() | {"of": self.unit.value, "most": self.is_most}

    def wording(self) -> str:
        """Return ``which month had the most patch releases of v7r1 in 2020``."""
        return joined(f"which {self.unit.value} had the {'most' if self.is_most else 'fewest'}", self.filters.wording())

    def followed_by(self, cues: Cues) -> "Extreme | None":
        """Return the same of other releases."""
        # "And v7r0?" asks nothing new of which series has the most.
        is_of_one = bool({GroupBy.SERIES: cues.series, GroupBy.REPOSITORY: cues.repositories}.get(self.unit))
        return None if cues.versions or is_of_one else replace(self, filters=self.filters.followed_by(cues))


def _with_repositories(found: ReleaseList) -> list[Group]:
    """Return the number of each repository meant, those without a release too."""
    counts = {group.keys[0][1]: group.count for group in found.groups}
    keys = [repository.key for repository in found.basis.repositories]
    return [Group(((GroupBy.REPOSITORY, key),), counts.get(key, 0)) for key in keys]


@dataclass(frozen=True, slots=True)
class ExtremeGroups(Result):
    """The ``groups`` of a count, and those of them that have the most or the fewest; ``period`` ends where it does."""

    query: Extreme
    found: ReleaseList
    period: Period
    groups: Sequence[Group]
    extreme: Sequence[Group]

    def answer(self, markup: Markup) -> Answer:
        """Return the groups that are ahead, all of a tie, with their number and that of all."""
        found = self.found
        whole = counted(found.total, found.kinds, is_asked=bool(found.filters.kinds))
        of = whose(found.named, found.basis.repositories, markup)
        where = markup.plain(interval(self.period))
        notes = (*self._notes(), *found.answer(markup).notes)
        if not found.total or not self.extreme:
            return Answer(
                f"{markup.strong(f'{whole} {of}')}, {where}{unread_clause(found.basis, markup.plain)}", (), notes
            )
        repositories = {repository.key: repository.name for repository in found.basis.repositories}
        names = listed_as(self.extreme, lambda group: self._name(group, repositories, markup), _MOST_NAMES)
        verb = "has" if len(self.extreme) == 1 else "have"
        _, several = nouns(found.kinds, is_asked=bool(found.filters.kinds))
        which = "most" if self.query.is_most else "fewest"
        each = " each" if len(self.extreme) > 1 else ""
        number = f"{self.extreme[0].count:,}{each} of {found.total:,}"
        sentence = f"{markup.strong(f'{names} {verb} the {which} {several}')} {of}, {where}: {number}"
        sentence += unread_clause(found.basis, markup.plain)
        return Answer(sentence, (), notes, (FollowUp(f"By {self.query.unit.value}", self._all().wording()),))

    def tables(self) -> Sequence[Table]:
        """Return the number of each group."""
        columns = [*(Column(unit.value) for unit, _ in self.groups[0].keys), Column("count", is_number=True)]
        rows = ([*(value for _, value in group.keys), str(group.count)] for group in self.groups)
        return [Table.of(columns, rows)] if self.groups else []

    def data(self) -> Any:
        """Return the groups that are ahead, all groups, and what they were counted of."""
        return {
            "period": period_json(self.period),
            "kinds": list(self.found.kinds),
            "of": self.query.unit.value,
            "most": self.query.is_most,
            "extreme": [group_json(group) for group in self.extreme],
            "total": self.found.total,
            "groups": [group_json(group) for group in self.groups],
            "complete_until": moment_json(self.found.basis.complete_until, self.period.zone),
        }

    def _all(self) -> Count:
        return Count(self.found.filters, (self.query.unit,))

    def _name(self, group: Group, names: Mapping[str, str], markup: Markup) -> str:
        match [value for _, value in group.keys]:
            case [key, series]:
                name = self.found.spelled.get((key, series), series)
                return markup.plain(name if len(names) == 1 else f"{names[key]} {name}")
            case [value] if self.query.unit is GroupBy.REPOSITORY:
                return markup.plain(names[value])
            case [value]:
                part = " (in part)" if value in self._parts() else ""
                return f"{_calendar_words(value, self.query.unit)}{part}"
            case _:
                return ""

    def _parts(self) -> set[str]:
        """Return the first and the last unit of the calendar where the interval holds but a part of it."""
        unit, zone = self.query.unit, self.period.zone
        if not is_calendar(unit):
            return set()
        parts = set()
        if self.period.start is not None and not _is_boundary(self.period.start, unit, zone_of=self.period):
            parts.add(calendar_unit(self.period.start.astimezone(zone), unit))
        if not _is_boundary(self.period.end, unit, zone_of=self.period):
            parts.add(calendar_unit(self.period.end.astimezone(zone), unit))
        return parts

    def _notes(self) -> list[str]:
        unit = self.query.unit
        notes = []
        if parts := sorted(self._parts()):
            named = listed([_calendar_words(part, unit) for part in parts])
            notes.append(f"in part only: {named}")
        if unit is GroupBy.SERIES and not self.query.is_most:
            notes.append("series without a release in the interval are left out")
        return notes


def _is_boundary(moment: datetime, unit: GroupBy, *, zone_of: Period) -> bool:
    local = moment.astimezone(zone_of.zone)
    return local == midnight(around(Unit(unit.value), local.date()).first, zone_of.zone)


def _calendar_words(name: str, unit: GroupBy) -> str:
    """Return a day or month in words: ``Oct 2020``; other units as they are: ``2020-W41``, ``2020-Q4``."""
    if unit is GroupBy.MONTH:
        first = date.fromisoformat(f"{name}-01")
        return f"{first:%b %Y}"
    if unit is GroupBy.DAY:
        day = date.fromisoformat(name)
        return f"{day.day} {day:%b %Y}"
    return name
