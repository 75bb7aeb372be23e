"""How often releases come: "how often do we release?", "average number of patch releases per month in 2020"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.counts import GroupBy, is_calendar
from bot.domain.errors import UsageError
from bot.domain.periods.days import Unit
from bot.domain.periods.options import read_span
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.release_list import ReleaseList, list_selected
from bot.queries.releases import Count
from bot.queries.selection import UNFILTERED, Filters, Selection, names_more, select
from bot.render.basis import unread_clause
from bot.render.count_words import nouns, whose
from bot.render.json_form import group_json, moment_json, period_json
from bot.render.markup import Markup
from bot.render.numbers import as_days, decimal, in_units
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import interval

if TYPE_CHECKING:
    from bot.domain.pauses import Delays

BESIDE_NUMBERS = frozenset({Cue.COUNT, Cue.LIST, Cue.ALL, Cue.NOUN, Cue.OUT, Cue.FILLER, Cue.EVERYWHERE})
# The dates of more are not read for the times between them.
MOST_COMPARED = 10_000
OF_WHICH = 'say of which releases: "average time between releases of v7r1", "how long between v7r1p28 and v7r1p29"'
_LAST_YEAR = "in the last 12 months"
_MOST_SERIES = 6


@dataclass(frozen=True, slots=True)
class Rate(Query):
    """How many releases there are in each ``unit`` on average, in one that suits where None.

    With ``is_delay`` the times between them come first; they are of at most ``most``. Without an interval, the last
    twelve months are meant.
    """

    intent: ClassVar[str] = "rate"
    order: ClassVar[int] = 9
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_NUMBERS | {Cue.RATE, Cue.MEDIAN, Cue.PAUSE, Cue.GAP, Cue.BETWEEN}
    filters: Filters = UNFILTERED
    unit: Unit | None = None
    is_delay: bool = False
    most: int = MOST_COMPARED

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read ``how often``, ``on average``, and ``the delay between releases``."""
        del as_of
        is_delay = cues.has(Cue.PAUSE, Cue.GAP, Cue.BETWEEN)
        if not cues.has(Cue.RATE, Cue.MEDIAN) and not (cues.has(Cue.PAUSE, Cue.GAP) and cues.has(Cue.BETWEEN)):
            is_of_pauses = cues.has(Cue.PAUSE) and not cues.has(Cue.GAP)
            return (
                Refusal("say which time is meant: the longest, the shortest or the average") if is_of_pauses else None
            )
        if refusal := _unclear(cues, is_delay=is_delay):
            return refusal
        units = [*cues.units, *cues.ranked]
        if len(units) > 1 or not all(is_calendar(unit) for unit in units):
            return Refusal("a rate is per day, week, month, quarter or year")
        return cls(Filters.heard_in(cues), Unit(units[0].value) if units else None, is_delay)

    def run(self, context: QueryContext) -> "ReleaseRate":
        """Count them, and compare their dates. Raises UsageError."""
        from bot.domain.pauses import delays_between
        from bot.domain.rates import lengths, suitable_unit

        span = self.filters.span or replace(read_span("12m", context.as_of), text=_LAST_YEAR)
        selection = select(replace(self.filters, span=span), context)
        found = list_selected(selection, context, most=0, is_brief=context.is_brief)
        dates = dates_of(found, selection, self.most)
        since = found.period.start or (dates[0] if dates else None)
        if since is None and found.total:
            what = f"the interval has no beginning, and {found.total:,} releases are too many to find the first of"
            raise UsageError("rate", what, "name an interval")
        ended = found.period.until(context.as_of.end)
        long = lengths(ended, since or ended.end)
        unit = self.unit or suitable_unit(found.total, long)
        return ReleaseRate(
            query=self,
            found=found,
            period=replace(ended, start=(since or ended.end).astimezone(ended.zone)),
            unit=unit,
            length=long[unit],
            delays=None if dates is None else delays_between(dates),
            is_compared=dates is not None,
        )

    def parameters(self) -> Json:
        """Return the filters and the unit."""
        return self.filters.parameters() | {"per": self.unit and self.unit.value, "delay": self.is_delay}

    def wording(self) -> str:
        """Return ``how often were there patch releases of v7r1 in 2020 per month``."""
        per = f"per {self.unit.value}" if self.unit else ""
        return joined("median delay of" if self.is_delay else "how often were there", self.filters.wording(), per)

    def followed_by(self, cues: Cues) -> "Rate | None":
        """Return the same of other releases, or in another unit."""
        if cues.versions or len(cues.units) > 1 or not all(map(is_calendar, cues.units)):
            return None
        unit = Unit(cues.units[0].value) if cues.units else self.unit
        return replace(self, filters=self.filters.followed_by(cues), unit=unit)


def _unclear(cues: Cues, *, is_delay: bool) -> Refusal | None:
    """Return why a text does not say which times or numbers are meant, None where it does."""
    if not cues.words.isdisjoint({"old", "age", "ago", "since"}) and cues.has(Cue.GAP):
        return Refusal("one question at a time, please: how often, or how long since")
    if cues.has(Cue.PAUSE) and not cues.has(Cue.BETWEEN) and is_between_releases(cues.spans):
        return Refusal(OF_WHICH)
    if names_more(cues):
        return Refusal("a rate is of releases, not of one")
    if cues.has(Cue.MEDIAN) and not is_delay:
        return Refusal("I know the median of the times between releases, and the average of their numbers")
    return None


def is_between_releases(spans: Sequence[Span]) -> bool:
    """Return whether an interval is between two releases: the time between them, or all times within it, is meant."""
    return any(len(span.releases) > 1 for span in spans)


def dates_of(found: ReleaseList, selection: Selection, most: int) -> Sequence[datetime] | None:
    """Return the dates of counted releases in the order of time, None for more than ``most``."""
    return selection.source.dates(selection.wanted) if found.total <= most else None


@dataclass(frozen=True, slots=True)
class ReleaseRate(Result):
    """How often releases came: those ``found`` in a period as long as ``length`` of a unit.

    ``delays`` are between one release and the next, None for fewer than two; ``is_compared`` is false where there are
    too many to compare.
    """

    query: Rate
    found: ReleaseList
    period: Period
    unit: Unit
    length: Fraction
    delays: "Delays | None"
    is_compared: bool

    def answer(self, markup: Markup) -> Answer:
        """Return the rate and what it is made of, and the times between releases."""
        found = self.found
        where = markup.plain(interval(self.period))
        of = whose(found.named, found.basis.repositories, markup)
        one, several = nouns(found.kinds, is_asked=bool(found.filters.kinds))
        divided = f"{found.total:,} in {in_units(self.length, self.unit)}"
        delays = self._delays(one)
        if self.query.is_delay:
            number = f"{self._decimal(found.total)} {several} a {self.unit.value}"
            sentence = f"{markup.strong(f'{delays} {of}')}, {where}: {divided}, {number}"
        else:
            number = f"{self._decimal(found.total)} {several} a {self.unit.value} {of}"
            sentence = f"{markup.strong(number)}, {where}: {divided}; {delays}"
        notes = (*self._notes(), *found.answer(markup).notes)
        sentence += unread_clause(found.basis, markup.plain)
        return Answer(sentence, (Section("", self._by_series(markup)),), notes, self._follow_ups())

    def tables(self) -> Sequence[Table]:
        """Return the rate as a table of one row."""
        columns = [Column("releases", is_number=True), Column(f"per {self.unit.value}", is_number=True)]
        columns += [Column(name, is_number=True) for name in (f"{self.unit.value}s", "mean days", "median days")]
        data = self.data()
        values = (data["total"], data["rate"], data["length"], data["mean_days"], data["median_days"])
        return [Table.of(columns, [["" if value is None else f"{value:,}" for value in values]])]

    def data(self) -> Any:
        """Return the rate with what it is made of; the times are null for fewer than two releases."""
        zone, delays = self.period.zone, self.delays
        return {
            "period": period_json(self.period),
            "kinds": list(self.found.kinds),
            "total": self.found.total,
            "unit": self.unit.value,
            "length": round(float(self.length), 6),
            "rate": None if self.length <= 0 else round(float(self.found.total / self.length), 6),
            "mean_days": None if delays is None else round(delays.mean.total_seconds() / 86_400, 6),
            "median_days": None if delays is None else round(delays.median.total_seconds() / 86_400, 6),
            "by_series": [group_json(group) for group in self.found.series],
            "complete_until": moment_json(self.found.basis.complete_until, zone),
        }

    def _decimal(self, count: int) -> str:
        return decimal(count / self.length) if self.length > 0 else "0"

    def _delays(self, noun: str) -> str:
        if not self.is_compared:
            return f"the times between more than {self.query.most:,} releases are not compared"
        if self.delays is None:
            return "too few for a time between two"
        is_divided = len(self.found.series) > 1
        median, mean = as_days(self.delays.median), as_days(self.delays.mean)
        if self.query.is_delay:
            return f"median {median}, mean {mean} from one {noun} to the next{' of any series' if is_divided else ''}"
        several = f"{noun}s" if not noun.endswith("of any kind") else "releases of any kind"
        return f"{mean} between {'any two' if is_divided else 'two'} {several} in a row on average, median {median}"

    def _by_series(self, markup: Markup) -> tuple[str, ...]:
        found = self.found
        # Of very many repositories not every series may have been counted.
        is_whole = sum(group.count for group in found.series) == found.total
        if not is_whole or not 1 < len(found.series) <= _MOST_SERIES or self.length <= 0:
            return ()
        names = {repository.key: repository.name for repository in found.basis.repositories}
        several = len({group.keys[0][1] for group in found.series}) > 1
        lines = []
        for group in found.series:
            (_, key), (_, series) = group.keys
            of = f"{markup.plain(names[key])} " if several else ""
            name = markup.plain(found.spelled.get((key, series), series))
            lines.append(f"{of}{name}: {self._decimal(group.count)} a {self.unit.value} ({group.count:,})")
        return tuple(lines)

    def _notes(self) -> list[str]:
        notes = []
        if self.query.filters.span is None:
            notes.append("no interval was named: the last 12 months are meant; for all of history, add “ever”")
        if self.length.denominator != 1:
            notes.append(f"a part of a {self.unit.value} counts as its share of that {self.unit.value}")
        return notes

    def _follow_ups(self) -> tuple[FollowUp, ...]:
        filters = replace(self.query.filters, span=self.query.filters.span or Span(text=_LAST_YEAR))
        by = Count(filters, (GroupBy(self.unit.value),))
        return (FollowUp(f"By {self.unit.value}", by.wording()),)
