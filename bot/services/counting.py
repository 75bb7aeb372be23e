"""Counting: how many releases a period had, and the releases that make up the number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.counts import Group, GroupBy, count_by, sum_by, with_zeros
from bot.domain.periods import AsOf, Period
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.selection import KindWord, Wanted, kinds_told, select, select_undated, wanted
from bot.services.lacking import Lacking, lacking
from bot.services.naming import began_later
from bot.services.observing import releases_known_at, unclassified_known_at
from bot.services.ports import Store


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be counted or listed; ``known_at`` leaves out what was seen only later.

    ``began`` tells when the series asked for began, by its name. A repository polled longer
    than ``stale_after`` ago is told of.
    """

    repositories: Sequence[Repository]
    period: Period
    as_of: AsOf
    kinds: Sequence[KindWord] = ()
    series: str | None = None
    known_at: datetime | None = None
    began: Mapping[str, datetime | None] = field(default_factory=dict)
    stale_after: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Counted:
    """A count with all that it states: the interval, the rule, the breakdown, and the releases behind it.

    ``releases`` is empty where the number alone was asked for. ``undated`` is how
    many releases could not be placed because no date of theirs is known.
    ``complete_until`` is the earliest last poll of the repositories, None if one was
    never polled. ``lacking`` is what the number may lack.
    """

    period: Period
    as_of: AsOf
    kinds: Sequence[str]
    total: int
    groups: Sequence[Group]
    releases: Sequence[Release]
    undated: int
    complete_until: datetime | None
    lacking: Lacking


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What a count found."""

    total: int
    groups: Sequence[Group]
    releases: Sequence[Release]
    undated: int


def count_releases(question: Question, store: Store, units: Sequence[GroupBy] = (), *, listed: bool = True) -> Counted:
    """Count the releases that the question asks for, broken down by the units.

    Without ``listed`` the releases behind the number are left out, and the database does the counting.
    """
    is_of_now = question.known_at is None
    numbers = _summed(question, store, units) if is_of_now and not listed else _counted(question, store, units)
    return Counted(
        period=question.period,
        as_of=question.as_of,
        kinds=kinds_told(question.kinds, question.repositories),
        total=numbers.total,
        groups=numbers.groups,
        releases=numbers.releases if listed else (),
        undated=numbers.undated,
        complete_until=store.complete_until(repository.key for repository in question.repositories),
        lacking=lacking_of(question, store),
    )


def lacking_of(question: Question, store: Store) -> Lacking:
    """Find what an answer to the question may lack."""
    seen = _seen(question)
    found = lacking(question.repositories, store, seen, question.stale_after)
    not_begun = began_later(question.began, question.as_of.end)
    if question.known_at is not None:
        number = unclassified_known_at(question.repositories, store, seen, question.known_at)
        return replace(found, unclassified=number, not_begun=not_begun)
    return replace(found, not_begun=not_begun)


def _counted(question: Question, store: Store, units: Sequence[GroupBy]) -> _Numbers:
    held = _held(question, store)
    chosen = [release for release in _chosen(held, question) if release.is_counted]
    groups = with_zeros(count_by(chosen, units, question.period.zone), units, _seen(question)) if units else ()
    undated = select_undated(held, question.repositories, question.kinds, question.series)
    return _Numbers(len(chosen), groups, chosen, len(undated))


def _summed(question: Question, store: Store, units: Sequence[GroupBy]) -> _Numbers:
    choice = _wanted(question, question.kinds)
    tallies = store.tally(choice, units, question.period.zone)
    groups = with_zeros(sum_by(tallies, units, question.period.zone), units, _seen(question)) if units else ()
    return _Numbers(sum(tally.count for tally in tallies), groups, (), store.undated(choice))


def _seen(question: Question) -> Period:
    """Return the part of the period that has been, seen from the moment asked from."""
    return question.period.until(question.as_of.end)


def _wanted(question: Question, kinds: Sequence[KindWord]) -> Wanted:
    period, series = question.period, () if question.series is None else (question.series,)
    until = min(period.end, question.as_of.end)
    return wanted(question.repositories, kinds, series, since=period.start, until=until)


def list_releases(question: Question, store: Store) -> list[Release]:
    """List the releases that the question asks for, withdrawn ones too."""
    return _chosen(_held(question, store), question)


def _chosen(held: Sequence[Release], question: Question) -> list[Release]:
    return select(
        held,
        question.repositories,
        period=question.period,
        as_of=question.as_of,
        kinds=question.kinds,
        series=question.series,
    )


def _held(question: Question, store: Store) -> list[Release]:
    if question.known_at is not None:
        return releases_known_at(question.repositories, store, question.known_at)
    return store.releases(
        [repository.key for repository in question.repositories],
        since=question.period.start,
        until=question.period.end,
        undated=True,
    )


def latest_releases(
    repositories: Sequence[Repository], store: Store, as_of: AsOf, series: str | None = None
) -> list[Release]:
    """Give the newest final release of each series, among those dated before ``as_of``."""
    return list(store.leading(_final(repositories, as_of, series)))


def undated_finals(repositories: Sequence[Repository], store: Store, as_of: AsOf, series: str | None = None) -> int:
    """Return how many final releases have no known date, and so can be none of the newest."""
    return store.undated(_final(repositories, as_of, series))


def _final(repositories: Sequence[Repository], as_of: AsOf, series: str | None) -> Wanted:
    everything = Question(repositories, Period(None, as_of.end, as_of.zone), as_of, series=series)
    return _wanted(everything, (KindWord.FINAL,))
