"""Gaps: repositories whose record may lack something of what is requested, gathered by their cause."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.clocks import is_future
from bot.domain.repositories import Repository
from bot.domain.values import dataclass

_AHEAD = "a clock was ahead when its last poll was recorded"


@dataclass(frozen=True, slots=True)
class Gap:
    """A repository whose record may lack something: it was last polled at ``since``, None for never.

    ``error`` is why the last poll failed, None where it only is long ago.
    """

    repository: Repository
    since: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Repositories of one forge that lack something for one reason; ``since`` is the earliest of their last polls."""

    repositories: tuple[Repository, ...]
    since: datetime | None
    error: str | None

    @property
    def forge(self) -> str:
        """The name of the forge that the repositories are on."""
        return self.repositories[0].forge


def gap_of(
    repository: Repository,
    polled_at: datetime | None,
    error: str | None,
    *,
    until: datetime,
    stale_after: timedelta,
    now: datetime | None,
) -> Gap | None:
    """Return what a repository may lack of the time before ``until``, None where it was polled after that.

    An outage of today says nothing against an answer about a past that was wholly polled;
    a poll recorded in the future of ``now`` says nothing for one about the present.
    """
    if polled_at is not None and now is not None and is_future(polled_at, now):
        return _of_unknown_age(repository, error, until=min(until, now), is_present=now - until <= stale_after)
    if polled_at is not None and (polled_at >= until or (error is None and until - polled_at <= stale_after)):
        return None
    return Gap(repository, polled_at, error)


def _of_unknown_age(repository: Repository, error: str | None, *, until: datetime, is_present: bool) -> Gap | None:
    """Return the gap of a repository whose last poll a clock that was ahead recorded: it is at most as old as that."""
    return Gap(repository, until, error or _AHEAD) if is_present else None


def by_cause(gaps: Iterable[Gap]) -> list[Cause]:
    """Gather gaps that have one cause: the same error on the same forge; never polled is a cause of its own."""
    shared: dict[tuple[str, str | None, bool], list[Gap]] = {}
    for gap in gaps:
        shared.setdefault((gap.repository.forge, gap.error, gap.since is None), []).append(gap)
    return [_cause(group) for group in shared.values()]


def _cause(gaps: Sequence[Gap]) -> Cause:
    since = min((gap.since for gap in gaps if gap.since is not None), default=None)
    return Cause(tuple(gap.repository for gap in gaps), since, gaps[0].error)
