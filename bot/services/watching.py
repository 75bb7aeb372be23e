"""Watching: what a repository would be like if it were watched, before it is."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.fitting import Fit, best_first, fit_of
from bot.domain.polls import compare
from bot.domain.repositories import Repository
from bot.services.ports import Forge, PollRequest


def look_at(
    path: str, candidates: Mapping[str, Repository], forge: Forge, now: Callable[[], datetime]
) -> list[tuple[str, Fit]]:
    """Ask a forge for a repository's tags, and read them by several rules, the best first; nothing is recorded.

    ``candidates`` are the repository with other rules each, by a name; the first wins
    among equals. Raises ForgeError.
    """
    [answer] = forge.poll([PollRequest(path)])
    if answer.error is not None:
        raise answer.error
    at = now() + forge.clock_offset()
    found = compare({}, answer.refs or (), answer.details, at=at, backfill=True)
    return best_first({name: fit_of(repository, found.added) for name, repository in candidates.items()})
