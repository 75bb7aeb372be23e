"""A period at a glance: its number by repository, the newest, the trend before it, and what happened beside."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.domain.counts import Group, GroupBy, sum_by, with_zeros
from bot.domain.periods.period import Period
from bot.domain.periods.spans import Span
from bot.domain.values import dataclass
from bot.queries.base import Answer, QueryContext, Result
from bot.queries.happenings import Happenings, happenings
from bot.queries.release_list import ReleaseList, list_selected
from bot.queries.selection import Filters, Selection, select
from bot.render.json_form import group_json, period_json
from bot.render.markup import Markup
from bot.render.words import interval


@dataclass(frozen=True, slots=True)
class Trend(Result):
    """How many releases each piece of the calendar had, those with none too."""

    filters: Filters
    period: Period
    unit: GroupBy
    groups: Sequence[Group]

    @property
    def total(self) -> int:
        """How many there are in all."""
        return sum(group.count for group in self.groups)

    def answer(self, markup: Markup) -> Answer:
        """Return the number in all."""
        return Answer(f"{self.total:,} by {self.unit.value}, {markup.plain(interval(self.period))}")

    def data(self) -> Any:
        """Return the number in all, and of each piece."""
        groups = [group_json(group) for group in self.groups]
        return {"period": period_json(self.period), "total": self.total, "groups": groups}


@dataclass(frozen=True, slots=True)
class Glance:
    """A period at a glance."""

    found: ReleaseList
    trend: Trend
    happened: Happenings


def glance(filters: Filters, context: QueryContext, *, trend: Span, unit: GroupBy, most: int) -> Glance:
    """Look at the interval of filters, and at the trend of another one: all of one selection. Raises UsageError."""
    selection = select(filters, context)
    found = list_selected(selection, context, units=(GroupBy.REPOSITORY,), most=most, is_brief=context.is_brief)
    return Glance(found, _trend(selection, context, trend, unit), happenings(selection, context))


def _trend(selection: Selection, context: QueryContext, span: Span, unit: GroupBy) -> Trend:
    period = span.period(context.as_of, lambda _: context.as_of.end)
    seen = period.until(context.as_of.end)
    wanted = replace(selection.wanted, since=period.start, until=seen.end)
    tallies = selection.source.tally(wanted, (unit,), period.zone)
    groups = with_zeros(sum_by(tallies, (unit,), period.zone), (unit,), seen)
    return Trend(replace(selection.filters, span=span), period, unit, groups)
