"""What to know about an answer: what it rests on, and what it may lack."""

import re
from dataclasses import replace

from bot.domain.gaps import Gap
from bot.domain.repositories import Repository
from bot.render.lacking_words import lacking_lines
from bot.render.markup import Markup
from bot.render.words import listed, moment_words, plural
from bot.services.answers import LatestAnswer, Reach, ReleaseAnswer, ReleasesAnswer

_MOST_NAMES = 8
# "last month" may be meant either way; the answer says which way it was read, and how to say the other.
_EITHER_WAY = re.compile(r"(?:(?:in|of|for|during|over|within|on|since) )?last (day|week|month|quarter|year)")


def notes_of(answer: ReleasesAnswer | LatestAnswer | ReleaseAnswer, markup: Markup) -> tuple[str, ...]:
    """Tell of an answer's reach, its gaps, and the ways that its words could be read."""
    told = _reading(answer) if isinstance(answer, ReleasesAnswer) else []
    if not isinstance(answer, ReleaseAnswer) and answer.undated:
        told.append(f"not in it: {plural(answer.undated, 'release')} without a known date")
    zone = answer.as_of.zone
    if answer.reach.is_default:
        names = listed([markup.plain(repository.name) for repository in answer.reach.repositories], _MOST_NAMES)
        told.append(f"of the repositories told of in this channel ({names}); for all, say “of all repositories”")
    lacking = answer.reach.lacking
    if isinstance(answer, ReleasesAnswer):
        # Its sentence says already which repositories are mostly unread.
        lacking = replace(lacking, unread=())
    if isinstance(answer, ReleaseAnswer):
        # It is about no period that tags could be dated in.
        lacking = replace(lacking, unclassified=0)
    told += lacking_lines(lacking, answer.as_of, markup.plain)
    until = answer.reach.complete_until
    if until is not None and not lacking.gaps:
        told.append(f"complete until {moment_words(min(until, answer.as_of.end), zone)}")
    return tuple(told)


def _reading(answer: ReleasesAnswer) -> list[str]:
    told = []
    if answer.as_of.end < answer.period.end:
        told.append(f"so far, as of {moment_words(answer.as_of.end, answer.as_of.zone)}")
    span = answer.asked.filters.span
    if span is not None and (found := _EITHER_WAY.fullmatch(span.text)):
        told.append(f"“last {found[1]}” is the calendar's; for the {found[1]} up to now, say “in the last {found[1]}”")
    if len(answer.kinds) > 1 and not answer.asked.filters.kinds:
        told.append("counted: each repository's ordinary releases, patch or final ones")
    return told


def reach_lines(reach: Reach, markup: Markup) -> list[str]:
    """List repositories with when each was last polled."""
    late = {gap.repository.key: gap for gap in reach.lacking.gaps}
    return [_watched_line(repository, late.get(repository.key), markup) for repository in reach.repositories]


def _watched_line(repository: Repository, gap: Gap | None, markup: Markup) -> str:
    also = (
        f", also called {listed([markup.plain(alias) for alias in repository.aliases])}" if repository.aliases else ""
    )
    trouble = ""
    if gap is not None:
        trouble = ", not polled yet" if gap.since is None else ", could not be polled lately"
    return f"{markup.plain(repository.name)} ({markup.plain(repository.key)}){also}{trouble}"
