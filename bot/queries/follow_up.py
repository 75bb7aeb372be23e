"""What a follow-up makes of the question before it: "and v7r0?", "by month", "list them", "why?"."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.domain.periods.spans import Span
from bot.queries.base import Query
from bot.queries.claim import Claim
from bot.queries.how import HowCounted
from bot.queries.language.follow_up import Ask, Fragment, names_something
from bot.queries.latest import Latest
from bot.queries.rate import Rate
from bot.queries.release import WhenReleased
from bot.queries.releases import LAST_MONTH, Count, Releases
from bot.queries.selection import UNFILTERED, Filters, counted_by


def follow(previous: Query, fragment: Fragment) -> Query | None:
    """Return the question that a follow-up asks after another one, None where it cannot follow that one."""
    cues = fragment.cues
    if not names_something(cues) and fragment.ask is Ask.SAME:
        return None
    if fragment.ask is Ask.SAME and not cues.claims and (not cues.units or isinstance(previous, Rate)):
        return previous.followed_by(cues)
    counted = counted_by(previous)
    return None if counted is None or cues.versions else _asked(counted.followed_by(cues), fragment)


def interval_of(query: Query | None) -> Span | None:
    """Return the interval that a question is about, None where it has none."""
    filters = counted_by(query) or getattr(query, "filters", None)
    span = filters.span if isinstance(filters, Filters) else getattr(query, "span", None)
    return span if isinstance(span, Span) else None


def nearest_alone(fragment: Fragment) -> str:
    """Return the question that would do where no other came before."""
    cues = fragment.cues
    if cues.versions:
        return WhenReleased(tuple(cues.versions), tuple(cues.repositories)).wording()
    filters = Filters.heard_in(cues)
    is_whole = filters != UNFILTERED or fragment.ask is Ask.LATEST
    asked = _asked(filters if is_whole else replace(filters, span=LAST_MONTH), fragment)
    return "" if asked is None else asked.wording()


def without_series(query: Query, fragment: Fragment) -> str:
    """Return the question without the series of the one before, where the follow-up names another repository."""
    filters = counted_by(query)
    is_kept = filters is not None and bool(filters.series) and not fragment.cues.series
    return Count(replace(filters, series=())).wording() if filters and is_kept and fragment.cues.repositories else ""


def _asked(filters: Filters, fragment: Fragment) -> Query | None:
    ask, units = fragment.ask, tuple(fragment.cues.units)
    if fragment.cues.claims:
        return _claimed(filters, fragment)
    if ask is Ask.RATE:
        return Rate(filters).followed_by(fragment.cues)
    if not units and ask in _WHOLE:
        return _WHOLE[ask](filters)
    return None if ask in {Ask.LATEST, Ask.MADE} else Count(filters, units)


def _claimed(filters: Filters, fragment: Fragment) -> Query | None:
    claims = fragment.cues.claims
    if fragment.cues.units or len(claims) > 1 or fragment.ask is not Ask.SAME:
        return None
    # Without an interval a claim is about the last month.
    return Claim(replace(filters, span=filters.span or Span()), claims[0])


# What is asked of releases that are not broken down.
_WHOLE: Mapping[Ask, Callable[[Filters], Query]] = {
    Ask.LATEST: Latest,
    Ask.MADE: HowCounted,
    Ask.LIST: lambda filters: Releases(filters, most=None),
}
