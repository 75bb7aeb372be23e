"""The overview: what came out in this period, and what happened beside."""

from dataclasses import replace
from typing import cast

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.periods.options import read_span
from bot.queries.certification import Certifications, CertificationStatus
from bot.queries.overview import glance
from bot.queries.release_list import ReleaseList
from bot.queries.selection import Filters
from bot.render.words import in_days
from bot.web import addresses
from bot.web.views import day_words, minute, trend_bars, words_of
from bot.web.visits import Page, Visit

_PERIOD, _TREND = "7d", "26w"
_MOST_ROWS, _MOST_RELEASES, _MOST_COMING = 30, 20, 20


def make(visit: Visit) -> Page:
    """Return the overview. Raises UsageError."""
    filters = visit.asked.filters(visit.as_of, usual_period=_PERIOD)
    trend = read_span(_TREND, visit.as_of)
    seen = glance(filters, visit.context, trend=trend, unit=GroupBy.WEEK, most=_MOST_RELEASES)
    found = seen.found
    certified = cast("Certifications", visit.run(CertificationStatus(repositories=filters.repositories)))
    groups = sorted(found.groups, key=lambda group: -group.count)
    rows = [_row(visit, filters, found, group.keys[0][1], group.count) for group in groups[:_MOST_ROWS]]
    coming = [each for each in certified.certifications if each.is_open and each.next is not None]
    values = {
        "found": found,
        "said": words_of(visit, found),
        "rows": rows,
        "rows_left": len(groups) - len(rows),
        "trend": trend_bars(visit, seen.trend),
        "happened": seen.happened,
        "any_kind": visit.how(replace(filters, kinds=(KindWord.ALL,)), found.period.until(visit.as_of.end)),
        "coming": coming[:_MOST_COMING],
        "minute": minute,
        "day": day_words,
        "in_days": in_days,
    }
    results = {"count": found, "trend": seen.trend, "happened": seen.happened, "certification": certified}
    feeds = {"All releases": visit.root + addresses.ALL_RELEASES}
    return Page(_title(visit), "overview.html", values, results, feeds)


def _title(visit: Visit) -> str:
    asked = visit.asked
    return "This period" if asked.period or asked.since or asked.until else "The last 7 days"


def _row(visit: Visit, filters: Filters, found: ReleaseList, key: str, count: int) -> tuple[str, int, str]:
    return key, count, visit.how(replace(filters, repositories=(key,)), found.period.until(visit.as_of.end))
