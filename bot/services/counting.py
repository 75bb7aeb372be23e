"""Counting: how many releases a period had, and the releases that make up the number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.composing import newest_by_series
from bot.domain.counts import Group, GroupBy, count_by
from bot.domain.periods import AsOf, Period
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.selection import KindWord, kinds_told, select
from bot.services.observing import complete_until, releases_known_at
from bot.services.ports import Store


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be counted or listed; ``known_at`` leaves out what was seen only later."""

    repositories: Sequence[Repository]
    period: Period
    as_of: AsOf
    kinds: Sequence[KindWord] = ()
    series: str | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A count with all that it states: the interval, the rule, the breakdown, and the releases behind it.

    ``undated`` is how many releases could not be placed because their dates are not
    known yet. ``complete_until`` is the earliest last poll of the repositories,
    None if one was never polled.
    """

    period: Period
    as_of: AsOf
    kinds: Sequence[str]
    groups: Sequence[Group]
    releases: Sequence[Release]
    undated: int
    complete_until: datetime | None

    @property
    def total(self) -> int:
        """How many releases there are."""
        return len(self.releases)


def count_releases(question: Question, store: Store, units: Sequence[GroupBy] = ()) -> Counted:
    """Count the releases that the question asks for, broken down by the units."""
    held = _held(question, store)
    chosen = [release for release in _chosen(held, question) if release.is_counted]
    return Counted(
        period=question.period,
        as_of=question.as_of,
        kinds=kinds_told(question.kinds, question.repositories),
        groups=count_by(chosen, units, question.period.zone) if units else (),
        releases=chosen,
        undated=sum(1 for release in held if release.date is None and release.is_counted),
        complete_until=complete_until(question.repositories, store),
    )


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
    everything = Question(repositories, Period(None, as_of.end, as_of.zone), as_of, (KindWord.FINAL,), series)
    return newest_by_series(count_releases(everything, store).releases)
