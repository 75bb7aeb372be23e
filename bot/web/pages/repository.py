"""A repository: its releases by series and by month, the newest, and the rules they are made by."""

from typing import cast

from bot.domain.periods.period import midnight
from bot.domain.polling.record import RepositoryRecord
from bot.domain.repositories import Repository
from bot.domain.series_status import line_of
from bot.domain.values import dataclass
from bot.queries.certification import Certifications, CertificationStatus
from bot.queries.latest import Latest, LatestReleases
from bot.queries.release_list import ReleaseList
from bot.queries.selection import Filters
from bot.render.count_words import counted
from bot.render.words import interval
from bot.web import addresses
from bot.web.views import LanesView, counted_bars, day_words, drawn, minute, words_of
from bot.web.visits import Page, Visit

_NEWEST = 15


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone on the axis of lanes."""

    x: float
    title: str
    is_done: bool


def make(visit: Visit, key: str) -> Page:
    """Return the page of a repository. Raises UsageError and NotThereError."""
    repository = visit.repository(key)
    filters = visit.asked.filters(visit.as_of, usual_period="2y", repositories=(key,))
    bars, lanes = counted_bars(visit, filters), drawn(visit, filters)
    found = cast("ReleaseList", bars.found)
    latest = cast("LatestReleases", visit.run(Latest(Filters((key,), known_at=filters.known_at))))
    what = what_of(found)
    drawn_lines = {lane.line for lane in lanes.lanes.lanes}
    by_version = list(reversed(latest.releases))
    values = {
        "repository": repository,
        "found": found,
        "what": what,
        "when": interval(found.period.until(visit.as_of.end)),
        "lanes": lanes,
        "bars": bars,
        "bars_title": f"{what[:1].upper()}{what[1:]} by {bars.unit}",
        "latest": latest,
        "living": [each for each in by_version if line_of(each) in drawn_lines],
        "older": [each for each in by_version if line_of(each) not in drawn_lines],
        "milestones": _milestones(visit, key, lanes),
        "newest": lanes.found.releases[:_NEWEST],
        "minute": minute,
        "said": words_of(visit, found),
        **_facts(visit, repository),
    }
    feeds = {f"Releases of {repository.name}": visit.root + addresses.in_format(addresses.repository(key), "atom")}
    results = {"count": found, "by_series": cast("ReleaseList", bars.parts), "latest": latest, "releases": lanes.found}
    return Page(repository.name, "repository.html", values, results, feeds)


def _milestones(visit: Visit, key: str, lanes: LanesView) -> list[DatedMilestone]:
    """Return the milestones of the repository's certifications that lie on the axis of its lanes."""
    if not lanes.lanes.lanes or not any(plan.repository == key for plan in visit.context.plans):
        return []
    found = cast("Certifications", visit.run(CertificationStatus(repositories=(key,), with_closed=True)))
    every = [
        DatedMilestone(
            lanes.lanes.axis.x(midnight(each.day, visit.as_of.zone)),
            f"{certification.series}: {each.title}, {each.status(certification.today).value} {day_words(each.day)}",
            each.done is not None,
        )
        for certification in found.certifications
        for each in certification.milestones
        if each.day is not None and not each.dropped
    ]
    return [each for each in every if 0 <= each.x <= lanes.lanes.width]


def what_of(found: ReleaseList) -> str:
    """Return what a number counts: ``patch releases``."""
    return counted(found.total, found.kinds, is_asked=bool(found.filters.kinds)).partition(" ")[2]


def _facts(visit: Visit, repository: Repository) -> dict[str, object]:
    [record] = visit.context.store.tags.records([repository.key])
    return {"record": record, "facts": list(_rules(repository)) + list(_polls(visit, record))}


def _rules(repository: Repository) -> list[tuple[str, str]]:
    found = [("Counts", f"{repository.counts.value} releases"), ("Version scheme", repository.scheme.name)]
    found += [("Prefix of tags", repository.scheme.prefix)] if repository.scheme.prefix else []
    found += [("Only tags like", str(repository.include))] if repository.include else []
    found += [("Without tags like", str(repository.exclude))] if repository.exclude else []
    found += [("Dates go by", repository.date.value)] if repository.date else []
    found += [("Package index", repository.index)] if repository.index else []
    return found


def _polls(visit: Visit, record: RepositoryRecord) -> list[tuple[str, str]]:
    found = [("Last poll", minute(visit, record.polled_at) or "never")]
    found += [("Failing since", f"{minute(visit, record.failing_since)}: {record.error}")] if record.error else []
    found += [("Last change", minute(visit, record.changed_at))] if record.changed_at else []
    return found
