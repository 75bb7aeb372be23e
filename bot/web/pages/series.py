"""A series of a repository: its releases, its status, and the way of its certification."""

from dataclasses import replace
from typing import cast

from bot.domain.certification.certification import Plan
from bot.domain.counts import GroupBy
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.queries.release_list import ReleaseList
from bot.queries.releases import Count, Releases
from bot.queries.selection import Filters
from bot.queries.series import SeriesStatuses, SeriesStatusList
from bot.render.words import interval
from bot.web import addresses
from bot.web.pages.repository import what_of
from bot.web.views import counted_bars, drawn, minute, paged, unit_over, words_of
from bot.web.visits import NotThereError, Page, Visit

_EACH = 50


def make(visit: Visit, key: str, name: str) -> Page:
    """Return the page of a series. Raises UsageError and NotThereError."""
    repository = visit.repository(key)
    asked = visit.asked.filters(visit.as_of, repositories=(key,))
    filters = replace(asked, series=(name,), kinds=asked.kinds or (KindWord.ALL,))
    found, status = _looked_up(visit, filters, repository.name)
    listed = cast("ReleaseList", visit.run(Releases(filters, most=None)))
    part, links = paged(visit, len(listed.releases), _EACH)
    bars = counted_bars(visit, filters, unit_over(visit, listed))
    values = {
        "repository": repository,
        "name": found.named[0] if found.named else name,
        "found": found,
        "what": what_of(found),
        "when": interval(found.period.until(visit.as_of.end)),
        "status": words_of(visit, status),
        "kinds": [(group.keys[0][1], group.count, _how(visit, filters, group.keys[0][1])) for group in found.groups],
        "lanes": drawn(visit, filters),
        "bars": bars,
        "listed": listed.releases[part],
        "links": links,
        "certified": any(_is_of(plan, key, name) for plan in visit.context.plans),
        "minute": minute,
        "said": words_of(visit, found),
    }
    results = {"releases": listed, "count": found, "status": status}
    feeds = {f"{name} of {repository.name}": visit.root + addresses.in_format(addresses.series(key, name), "atom")}
    return Page(f"{name} of {repository.name}", "series.html", values, results, feeds)


def _looked_up(visit: Visit, filters: Filters, repository: str) -> tuple[ReleaseList, SeriesStatusList]:
    """Return the counts by kind and the status. Raises NotThereError for a series that is not known."""
    try:
        found = cast("ReleaseList", visit.run(Count(filters, (GroupBy.KIND,), most=0)))
        return found, cast("SeriesStatusList", visit.run(SeriesStatuses(filters.repositories, filters.series)))
    except UsageError as error:
        if "series" not in error.where:
            raise
        what = f"{repository} has no series {filters.series[0]}"
        raise NotThereError(what) from error


def _how(visit: Visit, filters: Filters, kind: str) -> str:
    return visit.how(replace(filters, kinds=(KindWord(kind),)))


def _is_of(plan: Plan, key: str, series: str) -> bool:
    return (plan.repository, plan.series) == (key, series)
