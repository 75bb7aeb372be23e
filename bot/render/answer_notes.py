"""What to know about an answer: what it rests on, and what it may lack."""

import re

from bot.domain.repositories import Repository
from bot.render.markup import Markup
from bot.render.words import listed, moment_words, plural
from bot.services.answers import Gap, LatestAnswer, Reach, ReleaseAnswer, ReleasesAnswer

_MOST_GAPS, _MOST_NAMES = 5, 8
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
    told += [_gap(gap, answer, markup) for gap in answer.reach.gaps[:_MOST_GAPS]]
    left = len(answer.reach.gaps) - _MOST_GAPS
    if left > 0:
        told.append(f"and {plural(left, 'more repository')} may lack something")
    until = answer.reach.complete_until
    if until is not None and not answer.reach.gaps:
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


def _gap(gap: Gap, answer: ReleasesAnswer | LatestAnswer | ReleaseAnswer, markup: Markup) -> str:
    name = markup.plain(gap.repository.name)
    if gap.since is None:
        return f"may lack something: {name} has not been polled yet"
    since = moment_words(gap.since, answer.as_of.zone)
    why = f" ({markup.plain(gap.error)})" if gap.error else ""
    return f"may lack something: {name} could not be polled since {since}{why}"


def reach_lines(reach: Reach, markup: Markup) -> list[str]:
    """List repositories with when each was last polled."""
    late = {gap.repository.key: gap for gap in reach.gaps}
    return [_watched_line(repository, late.get(repository.key), markup) for repository in reach.repositories]


def _watched_line(repository: Repository, gap: Gap | None, markup: Markup) -> str:
    also = (
        f", also called {listed([markup.plain(alias) for alias in repository.aliases])}" if repository.aliases else ""
    )
    trouble = ""
    if gap is not None:
        trouble = ", not polled yet" if gap.since is None else ", could not be polled lately"
    return f"{markup.plain(repository.name)} ({markup.plain(repository.key)}){also}{trouble}"
