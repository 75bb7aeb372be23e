"""The months and the weeks of all time by UTC, and how many releases each of them has: as kept with the releases."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import accumulate
from operator import add, attrgetter
from typing import Any

import sqlalchemy as sa

from bot.domain.counts import GroupBy, is_calendar
from bot.domain.values import dataclass
from bot.store.schema import counts_by_month, counts_by_week
from bot.store.wanted import Conditions

_DAY, _WEEK, _LONGEST_MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=31)
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Grid:
    """The months or the weeks, and the table that has a row for a kind and year, with a number for each.

    A piece of it is given by the day on which it begins. ``place`` returns the year of the piece that a day lies in,
    and its number in that year, from 1.
    """

    unit: GroupBy
    table: sa.Table
    place: Callable[[date], tuple[int, int]]

    @property
    def columns(self) -> Sequence[sa.Column[int]]:
        """The columns of the numbers, in the order of the year."""
        return [column for column in self.table.c if column.name.startswith(f"{self.unit.value}_")]

    def begin(self, day: date) -> date:
        """Return the first day of the piece that a day lies in."""
        return day - timedelta(days=day.weekday()) if self.unit is GroupBy.WEEK else day.replace(day=1)

    def after(self, begin: date) -> date:
        """Return the first day of the piece after the one that begins on a day."""
        return self.begin(begin + (_WEEK if self.unit is GroupBy.WEEK else _LONGEST_MONTH))

    def nearest(self, moment: datetime) -> date:
        """Return the beginning of a piece that is nearest to a moment."""
        at = moment.astimezone(UTC)
        begin = self.begin(at.date())
        after = self.after(begin)
        return begin if at - midnight_of(begin) <= midnight_of(after) - at else after

    def up_to(self, begins: Sequence[date], rows: Sequence[Sequence[Any]]) -> list[int]:
        """Return for each of some pieces in the order of time how many releases there are from the first of them to it.

        ``rows`` have a year and the numbers of its pieces.
        """
        numbers = {(int(year), at): int(number) for year, *each in rows for at, number in enumerate(each, start=1)}
        days = [begins[0]]
        while days[-1] < begins[-1]:
            days.append(self.after(days[-1]))
        reached = accumulate((numbers.get(self.place(day), 0) for day in days), initial=0)
        by_day = dict(zip(days, reached, strict=False))
        return [by_day[day] for day in begins]

    def number(self, since: date | None, until: date) -> sa.ColumnElement[int]:
        """Return how many releases a row has from the beginning of a piece, None for the first, to before another's."""
        first, last = (0, 0) if since is None else self.place(since), self.place(until - _DAY)
        parts = {
            year: [column for number, column in enumerate(self.columns, 1) if first <= (year, number) <= last]
            for year in {first[0], last[0]} - {0}
        }
        whens = {year: reduce(add, columns) for year, columns in parts.items()}
        return sa.case(whens, value=self.table.c.year, else_=reduce(add, self.columns))

    def years(self, since: date | None, until: date) -> Conditions:
        """Return the conditions that a row is of a year from the beginning of a piece to before another's."""
        year, last = self.table.c.year, self.place(until - _DAY)[0]
        return [year <= last] if since is None else [year <= last, year >= self.place(since)[0]]


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


MONTHS = Grid(GroupBy.MONTH, counts_by_month, attrgetter("year", "month"))
WEEKS = Grid(GroupBy.WEEK, counts_by_week, _week)


def midnight_of(day: date) -> datetime:
    """Return the moment at which a day begins by UTC."""
    return datetime.combine(day, time.min, UTC)


def months_between(begin: date, end: date) -> int:
    """Return how many months there are between the beginnings of two, none where the other is the earlier one."""
    return max(0, (end.year - begin.year) * _MONTHS_OF_A_YEAR + end.month - begin.month)


def grid_of(units: Collection[GroupBy]) -> Grid | None:
    """Return the grid whose pieces make up calendar units, None where none does."""
    calendar = {unit for unit in units if is_calendar(unit)}
    if calendar == {GroupBy.WEEK}:
        return WEEKS
    return MONTHS if calendar and calendar <= {GroupBy.MONTH, GroupBy.QUARTER, GroupBy.YEAR} else None
