"""Two numbers beside each other: "compare v7r0 and v7r1 in 2020", "2019 vs 2020", "more than last year?"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from bot.domain.counts import GroupBy
from bot.domain.errors import UsageError
from bot.domain.periods.comparable import is_present, present, same_part, unit_before
from bot.domain.periods.days import Unit
from bot.domain.periods.numbers import MONTHS
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, span_label, span_words
from bot.queries.notes import WhatChanged
from bot.queries.rate import BESIDE_NUMBERS
from bot.queries.release_list import ReleaseList, find_releases
from bot.queries.releases import Count
from bot.queries.selection import UNFILTERED, Filters, names_more
from bot.render.basis import unread_clause
from bot.render.count_words import counted, nouns, whose
from bot.render.json_form import moment_json, period_json
from bot.render.markup import TEXT, Markup
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import interval, moment_words, plural

_HINT = 'name two to compare, such as "compare v7r0 and v7r1 in 2020", "2019 versus 2020", "more than last year?"'
_TWO = 2
_DIMENSIONS = ("repositories", "series", "kinds")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_YEARLESS = {*MONTHS, "q1", "q2", "q3", "q4", "h1", "h2"}


@dataclass(frozen=True, slots=True)
class Comparison(Query):
    """Two repositories, series or kinds of the filters, or two ``spans``; of one span, what is now with it."""

    intent: ClassVar[str] = "comparison"
    order: ClassVar[int] = 6
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_NUMBERS | {Cue.COMPARE, Cue.MORE, Cue.REPOSITORIES}
    takes_intervals: ClassVar[bool] = True
    filters: Filters = UNFILTERED
    spans: tuple[Span, ...] = ()

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read ``compare``, ``versus``, ``more than``, with two of anything, or with what was before."""
        if not cues.has(Cue.COMPARE, Cue.MORE):
            return None
        if len(cues.versions) == _TWO and not cues.spans:
            changed = WhatChanged((cues.versions[1],), cues.versions[0], tuple(cues.repositories))
            return Refusal(
                "releases are not compared, but what changed between them can be asked for", changed.wording()
            )
        if names_more(cues) or cues.units or cues.ranked:
            return Refusal(_HINT)
        filters = Filters.heard_in(cues)
        several = _several(filters)
        if not several:
            return cls._of_intervals(filters, cues, as_of)
        is_clear = [len(named) for named in several.values()] == [_TWO] and len(cues.spans) <= 1
        return cls(filters) if is_clear else Refusal(f"two at a time, please: {_HINT}")

    @classmethod
    def _of_intervals(cls, filters: Filters, cues: Cues, as_of: AsOf) -> "Comparison | Refusal":
        spans = tuple(part for span in cues.spans for part in span.parts or (span,))
        if refusal := _unclear(spans):
            return refusal
        is_with_before = len(spans) == 1 and cues.has(Cue.COMPARE) and _unit_before(spans[0], as_of) is not None
        is_clear = len(spans) == _TWO or is_with_before
        return cls(replace(filters, span=None), spans) if is_clear else Refusal(_HINT)

    def run(self, context: QueryContext) -> "Compared":
        """Count both. Raises UsageError."""
        if not self.spans:
            return self._of_dimension(context)
        if len(self.spans) == 1:
            return self._with_before(context)
        first, second = (self._side(span_label(span), span, context) for span in self.spans)
        return Compared(self, context.as_of, (first, second), self._like_part(first, second, context))

    def parameters(self) -> Json:
        """Return the filters and the intervals."""
        return self.filters.parameters() | {"intervals": [span_words(span) for span in self.spans]}

    def wording(self) -> str:
        """Return ``compare patch releases of v7r0 and v7r1 in 2020``, ``more releases of v7r1 than last year``."""
        filters, spans = self.filters.wording(), [span_words(span) for span in self.spans]
        if len(spans) == 1:
            return joined("more", filters, "than", spans[0])
        return joined("compare", filters, " versus ".join(spans))

    def followed_by(self, cues: Cues) -> "Comparison | None":
        """Return the same two of other releases; what is compared stays."""
        filters = self.filters.followed_by(cues)
        is_kept = _several(filters) == _several(self.filters) and not (cues.versions or (self.spans and cues.spans))
        return replace(self, filters=filters) if is_kept else None

    def _of_dimension(self, context: QueryContext) -> "Compared":
        found = [find_releases(filters, context, most=0) for filters in _divided(self.filters)]
        first, second = (Side("", each, each.period.until(context.as_of.end)) for each in found)
        return Compared(self, context.as_of, (first, second), None)

    def _with_before(self, context: QueryContext) -> "Compared":
        [span], as_of = self.spans, context.as_of
        unit = _unit_before(span, as_of)
        if unit is None:
            what = f'"{span_words(span)}" is not the year, quarter, month, week or day before this one'
            raise UsageError("comparison", what, "name both intervals")
        now, like = (_span_of(period) for period in (present(unit, as_of), same_part(unit, as_of)))
        part = f"in the same part of last {unit.value}"
        sides = self._side(f"this {unit.value} so far", now, context), self._side(part, like, context)
        return Compared(self, as_of, sides, self._side(f"in the whole of last {unit.value}", span, context))

    def _like_part(self, first: "Side", second: "Side", context: QueryContext) -> "Side | None":
        """Count the same part of the unit before, where that one is compared with the present one."""
        as_of = context.as_of
        for now, before in ((first, second), (second, first)):
            unit = unit_before(before.found.period, as_of)
            if unit is not None and is_present(now.found.period, unit, as_of):
                label = before.label.removeprefix("in ").removeprefix("of ")
                return self._side(f"in the same part of {label}", _span_of(same_part(unit, as_of)), context)
        return None

    def _side(self, label: str, span: Span, context: QueryContext) -> "Side":
        found = find_releases(replace(self.filters, span=span), context, most=0)
        return Side(label, found, found.period.until(context.as_of.end))


def _several(filters: Filters) -> dict[str, tuple[str, ...]]:
    return {name: named for name in _DIMENSIONS if len(named := getattr(filters, name)) > 1}


def _divided(filters: Filters) -> list[Filters]:
    """Return the filters of each of the two repositories, series or kinds."""
    if len(filters.repositories) > 1:
        return [replace(filters, repositories=(name,)) for name in filters.repositories]
    if len(filters.series) > 1:
        return [replace(filters, series=(name,)) for name in filters.series]
    return [replace(filters, kinds=(kind,)) for kind in filters.kinds]


def _unclear(spans: Sequence[Span]) -> Refusal | None:
    """Refuse intervals without both ends, or with a year that may be meant for the other one too."""
    if len(spans) > _TWO:
        return Refusal(f"two at a time, please: {_HINT}")
    if not all(isinstance(span.start, datetime) and isinstance(span.end, datetime | None) for span in spans):
        return Refusal('say the intervals as "2019 versus 2020"')
    years = [bool(_YEAR.search(span.text)) for span in spans]
    words = [word for span, has_year in zip(spans, years, strict=True) if not has_year for word in span.text.split()]
    if any(years) and not _YEARLESS.isdisjoint(words):
        named = " and ".join(f'"{span.text}"' for span in spans)
        return Refusal(f"say the year of both intervals: {named}")
    return None


def _unit_before(span: Span, as_of: AsOf) -> Unit | None:
    start, end = span.start, span.end
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        return None
    return unit_before(Period(start, end, as_of.zone), as_of)


def _span_of(period: Period) -> Span:
    return Span(period.start, period.end)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the numbers: what was ``found`` in a period that ends where the answer does.

    ``label`` says which interval it is, empty where both have the same.
    """

    label: str
    found: ReleaseList
    period: Period

    def of(self, markup: Markup) -> str:
        """Return which series and repositories it is of."""
        return whose(self.found.named, self.found.basis.repositories, markup)

    def words(self, markup: Markup) -> str:
        """Return the number, and of what."""
        number = counted(self.found.total, self.found.kinds, is_asked=bool(self.found.filters.kinds))
        return f"{number} {self.of(markup)}"

    @property
    def noun(self) -> str:
        """What several of what is counted are called."""
        return nouns(self.found.kinds, is_asked=bool(self.found.filters.kinds))[1]


@dataclass(frozen=True, slots=True)
class Compared(Result):
    """Two numbers, the sides of a comparison in the order they were asked for; ``beside`` is a third to know with them.

    That is the whole of an interval of which a part is compared, or that part where the whole is.
    """

    query: Comparison
    as_of: AsOf
    sides: tuple[Side, Side]
    beside: Side | None

    def answer(self, markup: Markup) -> Answer:
        """Return both numbers and the difference; nothing is concluded from them."""
        first, second = self.sides
        if first.label:
            where = f" ({self.as_of.zone.key})"
            intervals = [markup.plain(interval(side.period)) for side in self.sides]
            begin = f"{markup.strong(first.words(markup))}, {intervals[0].removesuffix(where)},"
            both = f"{begin} and {markup.strong(f'{second.found.total:,}')}, {intervals[1]}"
        else:
            is_same = first.noun == second.noun
            other = f"{second.found.total:,} {second.of(markup)}" if is_same else second.words(markup)
            both = f"{markup.strong(f'{first.words(markup)} and {other}')}, {markup.plain(interval(first.period))}"
        clauses = dict.fromkeys(unread_clause(side.found.basis, markup.plain) for side in self.sides)
        sentence = f"{both}: {self._difference(markup)}{''.join(clauses)}"
        lines = (f"{self.beside.label}: {self._full(self.beside, markup)}",) if self.beside else ()
        notes = [note for side in self.sides for note in side.found.answer(markup).notes]
        return Answer(
            sentence,
            (Section("", lines),) if lines else (),
            (*self._notes(), *dict.fromkeys(notes)),
            self._follow_ups(),
        )

    def tables(self) -> Sequence[Table]:
        """Return the numbers."""
        columns = (Column("of"), Column("interval"), Column("count", is_number=True))
        rows = [
            (f"{side.noun} {side.of(TEXT)}", interval(side.period), f"{side.found.total:,}")
            for side in (*self.sides, *([self.beside] if self.beside else []))
        ]
        return [Table.of(columns, rows)]

    def data(self) -> Any:
        """Return both numbers, the difference of the first to the second, and the third number, null without one."""
        first, second = self.sides
        return {
            "sides": [self._json(side) for side in self.sides],
            "difference": first.found.total - second.found.total,
            "beside": None if self.beside is None else self._json(self.beside),
        }

    def _json(self, side: Side) -> Json:
        found = side.found
        return {
            "repositories": [repository.key for repository in found.basis.repositories],
            "series": list(found.named),
            "kinds": list(found.kinds),
            "period": period_json(side.period),
            "count": side.found.total,
            "complete_until": moment_json(found.basis.complete_until, side.period.zone),
        }

    def _difference(self, markup: Markup) -> str:
        more, fewer = sorted(self.sides, key=lambda side: -side.found.total)
        if more.found.total == fewer.found.total:
            return "the same number"
        first, second = _told_apart(more, fewer, markup)
        return f"{more.found.total - fewer.found.total:,} more {first} than {second}"

    def _full(self, side: Side, markup: Markup) -> str:
        return f"{side.words(markup)}, {markup.plain(interval(side.period))}"

    def _notes(self) -> list[str]:
        now = moment_words(self.as_of.end, self.as_of.zone)
        labelled = [side for side in self.sides if side.label]
        notes = [
            f"{side.label}: only so far, up to {now}"
            for side in labelled
            if self.query.spans[1:] and side.found.period.end.astimezone(UTC) > self.as_of.end.astimezone(UTC)
        ]
        lengths = [_days(side.period) for side in labelled]
        if not notes and len(set(lengths)) > 1:
            notes.append(f"the intervals are not equally long: {' and '.join(plural(days, 'day') for days in lengths)}")
        return notes

    def _follow_ups(self) -> tuple[FollowUp, ...]:
        filters, spans = self.query.filters, self.query.spans
        each = [replace(filters, span=span) for span in spans] if spans else [filters]
        questions = [Count(one, (GroupBy.MONTH,)).wording() for one in each]
        labels = [f"By month, {side.label}" for side in self.sides] if len(spans) > 1 else ["By month"]
        return tuple(FollowUp(label, question) for label, question in zip(labels, questions, strict=True))


def _told_apart(one: Side, other: Side, markup: Markup) -> tuple[str, str]:
    """Return what tells two numbers apart: intervals, series, repositories or kinds."""
    if one.label:
        return one.label, other.label
    if one.noun == other.noun:
        return one.of(markup), other.of(markup)
    if one.of(markup) == other.of(markup):
        return one.noun, other.noun
    return f"{one.noun} {one.of(markup)}", f"{other.noun} {other.of(markup)}"


def _days(period: Period) -> int:
    return round((period.end - period.start) / timedelta(days=1)) if period.start is not None else 0
