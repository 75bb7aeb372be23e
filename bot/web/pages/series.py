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
from bot.web.views import counted_bars, drawn, minute, paged, words_of
from bot.web.visits import NotThereError, Page, Visit

_EACH = 50


def make(visit: Visit, key: str, name: str) -> Page:
    """Return the page of a series. Raises UsageError and NotThereError."""
    repository = visit.repository(key)
    asked = visit.asked.filters(visit.as_of, repositories=(key,))
    filters = replace(asked, series=(name,))
    kinds, status = _looked_up(visit, filters, repository.name)
    listed = cast("ReleaseList", visit.run(Releases(_any_kind(filters), most=None)))
    found = cast("ReleaseList", visit.run(Count(filters, most=0)))
    part, links = paged(visit, len(listed.releases), _EACH)
    bars = counted_bars(visit, filters)
    values = {
        "repository": repository,
        "name": found.named[0] if found.named else name,
        "found": found,
        "what": what_of(found),
        "when": interval(found.period.until(visit.as_of.end)),
        "status": words_of(visit, status),
        "kinds": [(group.keys[0][1], group.count, _how(visit, filters, group.keys[0][1])) for group in kinds.groups],
        "lanes": drawn(visit, filters),
        "bars": bars,
        "listed": listed.releases[part],
        "links": links,
        "certified": any(_is_of(plan, key, name) for plan in visit.context.plans),
        "minute": minute,
        "said": words_of(visit, found),
    }
    results = {"releases": listed, "count": found, "by_kind": kinds, "status": status}
    feeds = {f"{name} of {repository.name}": visit.root + addresses.in_format(addresses.series(key, name), "atom")}
    return Page(f"{name} of {repository.name}", "series.html", values, results, feeds)


def _looked_up(visit: Visit, filters: Filters, repository: str) -> tuple[ReleaseList, SeriesStatusList]:
    """Return the counts by kind and the status. Raises NotThereError for a series that is not known."""
    try:
        kinds = cast("ReleaseList", visit.run(Count(_any_kind(filters), (GroupBy.KIND,), most=0)))
        return kinds, cast("SeriesStatusList", visit.run(SeriesStatuses(filters.repositories, filters.series)))
    except UsageError as error:
        if "series" not in error.where:
            raise
        what = f"{repository} has no series {filters.series[0]}"
        raise NotThereError(what) from error


def _any_kind(filters: Filters) -> Filters:
    return filters if filters.kinds else replace(filters, kinds=(KindWord.ALL,))


def _how(visit: Visit, filters: Filters, kind: str) -> str:
    return visit.how(replace(filters, kinds=(KindWord(kind),)))


def _is_of(plan: Plan, key: str, series: str) -> bool:
    return (plan.repository, plan.series) == (key, series)
