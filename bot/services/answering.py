"""Answering: what is known about a question, from the store alone; no forge is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.certifications import Plan
from bot.domain.counts import Group, GroupBy, Tally, is_calendar, sum_by, with_zeros
from bot.domain.dates.spans import Span
from bot.domain.errors import UsageError
from bot.domain.periods import AsOf, Period
from bot.domain.questions.asked import (
    CertificationAsked,
    CountAsked,
    DigestAsked,
    Filters,
    HelpAsked,
    LatestAsked,
    Reading,
    ReleaseAsked,
    ReleasesAsked,
    WatchedAsked,
)
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.selection import KindWord, Wanted, choose_repositories, kinds_told, wanted
from bot.services.answers import (
    Answer,
    CertificationAnswer,
    DigestAnswer,
    HelpAnswer,
    LatestAnswer,
    Reach,
    ReleaseAnswer,
    ReleasesAnswer,
    WatchedAnswer,
)
from bot.services.certifying import certification_at, certifications, plan_named, planned_lines
from bot.services.lacking import lacking
from bot.services.naming import began_later, date_of_release, releases_named, require_series, unknown_release
from bot.services.ports import Store
from bot.services.reporting import DigestOrder, make_digest

# How many releases an answer lists before it folds the rest.
FOLD = 10
_SERIES = (GroupBy.REPOSITORY, GroupBy.SERIES)


@dataclass(frozen=True, slots=True)
class Desk:
    """What questions are answered from, looking from ``as_of``.

    ``own`` are the keys of the repositories meant where none is named, all where it is
    empty. A repository polled longer ago than ``stale_after`` is told of.
    """

    repositories: Sequence[Repository]
    store: Store
    as_of: AsOf
    stale_after: timedelta
    plans: Sequence[Plan] = ()
    digests: Sequence[DigestOrder] = ()
    own: Sequence[str] = ()
    is_maintainer: bool = field(default=False)


def answer(asked: Reading, desk: Desk) -> Answer:  # noqa: PLR0911 - one way for each kind
    """Answer a question. Raises UsageError for a release or series that is not known."""
    match asked:
        case CountAsked() | ReleasesAsked():
            return _releases(asked, desk)
        case LatestAsked():
            return _latest(asked, desk)
        case ReleaseAsked():
            return _release(asked, desk)
        case CertificationAsked():
            return _certification(asked, desk)
        case WatchedAsked():
            return WatchedAnswer(desk.as_of, _reach(desk.repositories, desk))
        case DigestAsked(name):
            order = orders_named(name, desk.digests)[0]
            return DigestAnswer(make_digest(order, desk.store, desk.as_of, desk.as_of.end))
        case HelpAsked():
            return HelpAnswer(examples(desk), desk.is_maintainer)


def orders_named(name: str | None, digests: Sequence[DigestOrder]) -> list[DigestOrder]:
    """Find a digest by name, the first where none is named, for each of its channels. Raises UsageError."""
    wanted_name = digests[0].name if name is None and digests else name
    found = [order for order in digests if order.name == wanted_name]
    if not found:
        known = ", ".join(dict.fromkeys(order.name for order in digests)) or "none"
        raise UsageError(f'digest "{name or ""}"', "is not configured", f"the configured ones are: {known}")
    return found


def _releases(asked: CountAsked | ReleasesAsked, desk: Desk) -> ReleasesAnswer:
    filters = asked.filters
    repositories = _chosen(filters, desk)
    began = _began(filters.series, repositories, desk)
    period = _period(filters.span, repositories, desk)
    choice = _wanted(filters, repositories, period, desk)
    units = asked.units if isinstance(asked, CountAsked) else ()
    tallies = desk.store.tally(choice, _SERIES, period.zone)
    is_whole = isinstance(asked, ReleasesAsked) and asked.whole
    return ReleasesAnswer(
        asked=asked,
        period=period,
        as_of=desk.as_of,
        kinds=kinds_told(filters.kinds, repositories),
        total=sum(tally.count for tally in tallies),
        series=sum_by(tallies, _SERIES, period.zone),
        groups=_groups(units, tallies, choice, period, desk),
        units=units,
        releases=desk.store.newest(choice, None if is_whole else FOLD),
        undated=desk.store.undated(choice),
        reach=_reach_of(filters, repositories, period, desk, began),
    )


def _groups(
    units: Sequence[GroupBy], tallies: Sequence[Tally], choice: Wanted, period: Period, desk: Desk
) -> tuple[Group, ...]:
    if not units:
        return ()
    if any(is_calendar(unit) for unit in units):
        tallies = desk.store.tally(choice, units, period.zone)
    return with_zeros(sum_by(tallies, units, period.zone), units, period.until(desk.as_of.end))


def _wanted(filters: Filters, repositories: Sequence[Repository], period: Period, desk: Desk) -> Wanted:
    until = min(period.end, desk.as_of.end)
    return wanted(repositories, filters.kinds, filters.series, since=period.start, until=until)


def _chosen(filters: Filters, desk: Desk) -> list[Repository]:
    """Choose the repositories that are meant: those named, else the asker's own, else all."""
    repositories = choose_repositories(filters.repositories or desk.own, desk.repositories)
    if not repositories:
        raise UsageError("repositories", "none is watched", "add one to the configuration")
    return repositories


def _began(series: Sequence[str], repositories: Sequence[Repository], desk: Desk) -> dict[str, datetime | None]:
    """Return when each series began. Raises UsageError for one that is not known."""
    planned = planned_lines(desk.plans)
    return {each: require_series(each, repositories, desk.repositories, desk.store, planned) for each in series}


def _reach_of(
    filters: Filters,
    repositories: Sequence[Repository],
    period: Period,
    desk: Desk,
    began: Mapping[str, datetime | None],
) -> Reach:
    """Tell what an answer about a period rests on, and what it may lack."""
    is_default = not filters.repositories and bool(desk.own) and len(repositories) < len(desk.repositories)
    reach = _reach(repositories, desk, period)
    found = replace(reach.lacking, not_begun=began_later(began, desk.as_of.end))
    return replace(reach, lacking=found, is_default=is_default)


def _reach(repositories: Sequence[Repository], desk: Desk, period: Period | None = None) -> Reach:
    """Tell what an answer rests on; without a ``period`` it is about all that was before the moment asked from."""
    end = desk.as_of.end if period is None else min(period.end, desk.as_of.end)
    asked = Period(period.start if period else None, end, desk.as_of.zone)
    found = lacking(repositories, desk.store, asked, desk.stale_after)
    return Reach(repositories, desk.store.complete_until(each.key for each in repositories), found)


def _period(span: Span | None, repositories: Sequence[Repository], desk: Desk) -> Period:
    return (span or Span()).period(desk.as_of, lambda text: _date_of(text, repositories, desk))


def _date_of(text: str, repositories: Sequence[Repository], desk: Desk) -> datetime:
    """Find the date of a release that bounds an interval; among the repositories meant, else among all."""
    having = repositories if releases_named(text, repositories, desk.store) else desk.repositories
    date = date_of_release(text, having, desk.repositories, desk.store)
    if date >= desk.as_of.end:
        when = f"was not released yet on {desk.as_of.day.isoformat()}"
        raise UsageError(f'release "{text}"', when, "ask for the latest ones, or list them")
    return date


def _named(text: str, repositories: Sequence[Repository], desk: Desk) -> list[Release]:
    held = releases_named(text, repositories, desk.store)
    return [release for release in held if release.date is None or release.date < desk.as_of.end]


def _latest(asked: LatestAsked, desk: Desk) -> LatestAnswer:
    repositories = _chosen(asked.filters, desk)
    began = _began(asked.filters.series, repositories, desk)
    filters = asked.filters if asked.filters.kinds else Filters(kinds=(KindWord.FINAL,), series=asked.filters.series)
    everything = Period(None, desk.as_of.end, desk.as_of.zone)
    reach = _reach_of(asked.filters, repositories, everything, desk, began)
    choice = _wanted(filters, repositories, everything, desk)
    return LatestAnswer(asked, desk.as_of, desk.store.leading(choice), reach, desk.store.undated(choice))


def _release(asked: ReleaseAsked, desk: Desk) -> ReleaseAnswer:
    """Look in the repositories named, else in the asker's own, else in all."""
    near = choose_repositories(asked.repositories or desk.own, desk.repositories)
    everywhere = near if asked.repositories else desk.repositories
    found, missing = [], []
    for text in asked.releases:
        releases = _named(text, near, desk) or _named(text, everywhere, desk)
        found += releases
        missing += [] if releases else _later(text, everywhere, desk)
    told = [each for each in everywhere if any(release.repository == each.key for release in found)] or everywhere
    return ReleaseAnswer(desk.as_of, found, missing, _reach(told, desk))


def _later(text: str, repositories: Sequence[Repository], desk: Desk) -> list[str]:
    """Name a release that came only after the moment asked from. Raises UsageError for one that never came."""
    if not releases_named(text, repositories, desk.store):
        raise unknown_release(text, repositories, desk.repositories, desk.store)
    return [text]


def _certification(asked: CertificationAsked, desk: Desk) -> CertificationAnswer:
    """Tell of the series asked for; without any, of the open certifications, or all where none is open."""
    chosen = choose_repositories(asked.repositories, desk.repositories)
    if asked.series:
        plans = [plan_named(series, chosen, desk.plans, desk.store, desk.repositories) for series in asked.series]
        stood = [(plan, certification_at(plan, desk.store, desk.as_of)) for plan in plans]
        begun = [each for _, each in stood if each is not None]
        not_begun = [plan.series for plan, each in stood if each is None]
        return CertificationAnswer(asked.series, asked.aspect, desk.as_of, begun, not_begun)
    everything = certifications(chosen, desk.plans, desk.store, desk.as_of)
    found = [each for each in everything if each.is_open] or everything
    return CertificationAnswer(asked.series, asked.aspect, desk.as_of, found)


def examples(desk: Desk) -> tuple[str, ...]:
    """Give questions that have an answer here."""
    repository = desk.repositories[0] if desk.repositories else None
    newest = None
    if repository is not None:
        everything = wanted([repository], (), (), since=None, until=desk.as_of.end)
        newest = next(iter(desk.store.newest(everything, 1)), None)
    told = ["how many patch releases in the last month?", "what came out last week?"]
    if repository is not None:
        told.append(f"how many releases of {repository.name} this year, by month")
    if newest is not None:
        told += [f"latest {newest.series}", f"when was {newest.version} released?"]
    plan = next(iter(desk.plans), None)
    return (*told, f"status of {plan.series}") if plan else tuple(told)
