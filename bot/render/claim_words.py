"""Readings of a count in words: what each changes, and which releases it adds or leaves out."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from bot.domain.filters import KindWord
from bot.domain.periods.period import Period
from bot.domain.readings import Edge, Reading, is_by_commit
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.tags import DateSource
from bot.render.markup import Markup
from bot.render.release_words import dated
from bot.render.words import day, listed, listed_as, plural

_MOST_NAMES, _MOST_RELEASES = 3, 5
_SECOND = timedelta(seconds=1)
_KINDS = {
    KindWord.PATCH: "patch releases",
    KindWord.MINOR: "minor releases",
    KindWord.MAJOR: "major releases",
    KindWord.PRE_RELEASE: "pre-releases",
}
_SOURCES = {
    DateSource.PUBLISHED: "the forge's release dates",
    DateSource.INDEX: "the package index's upload times",
    DateSource.TAGGER: "the dates of tag objects",
    DateSource.COMMIT: "commit dates",
    DateSource.FIRST_SEEN: "the times when the bot first saw the tags",
}


def reading_line(reading: Reading, period: Period, markup: Markup) -> str:
    """Return what a reading changes and what that does: ``DIRAC with DIRACOS: adds DIRACOS v1r17 (2 Feb)``."""
    parts = (("adds", reading.adds), ("leaves out", reading.leaves_out))
    changes = [f"{verb} {_listed(releases, reading, period, markup)}" for verb, releases in parts if releases]
    return f"{reading_name(reading, period, markup)}: {'; '.join(changes) or 'as asked'}"


def reading_row(reading: Reading, period: Period, markup: Markup) -> tuple[str, str, str, str]:
    """Return what a reading changes, adds, leaves out, and which of its releases are dated by their commit only."""
    adds, leaves_out = (_listed(each, reading, period, markup) for each in (reading.adds, reading.leaves_out))
    return reading_name(reading, period, markup), adds, leaves_out, by_commit(reading.releases, markup)


def reading_name(reading: Reading, period: Period, markup: Markup) -> str:
    """Return a reading in words: ``DIRAC with DIRACOS, from 20 Jan (2 days earlier)``."""
    start = _edge(reading.start, ("since", "from"), _day(reading.start, timedelta(), period), markup)
    # The moment of an end is not in the period any more.
    end = _edge(reading.end, ("until", "to"), _day(reading.end, -_SECOND, period), markup)
    source = f"by {_SOURCES[reading.source]}" if reading.source else ""
    return ", ".join(part for part in (_counted(reading, markup), source, start, end) if part)


def by_commit(releases: Sequence[Release], markup: Markup) -> str:
    """Return which of the releases are dated by their commit only: ``all 7``, ``all but v1r17``, or their names."""
    dated = [release for release in releases if is_by_commit(release)]
    others = [release for release in releases if not is_by_commit(release)]
    if not dated:
        return ""
    if not others:
        return f"all {len(dated):,}"
    if len(others) <= _MOST_NAMES < len(dated):
        return f"all but {listed_as(others, markup.release, _MOST_NAMES)}"
    return listed_as(dated, markup.release, _MOST_RELEASES)


def _counted(reading: Reading, markup: Markup) -> str:
    """Return the repositories and the kind that were added or left out."""
    base = [each for each in (*reading.repositories, *reading.left_out) if each not in reading.added]
    kind = [_KINDS[reading.kind]] if reading.kind else []
    names = _names(base, markup) if len(base) <= _MOST_NAMES else plural(len(base), "repository")
    more = [*(markup.plain(each.name) for each in reading.added), *kind]
    with_more = f"{names} with {listed(more)}" if more else names
    return f"{with_more} without {_names(reading.left_out, markup)}" if reading.left_out else with_more


def _names(repositories: Sequence[Repository], markup: Markup) -> str:
    return listed([markup.plain(each.name) for each in repositories])


def _edge(edge: Edge, words: tuple[str, str], on: str, markup: Markup) -> str:
    """Return an edge that was moved, by the words before a release and before a day; nothing for one that was not."""
    if not edge.days:
        return ""
    if edge.release is not None:
        return f"{words[0]} {markup.release(edge.release)} ({on})"
    return f"{words[1]} {on} ({plural(abs(edge.days), 'day')} {'earlier' if edge.days < 0 else 'later'})"


def _day(edge: Edge, by: timedelta, period: Period) -> str:
    return "" if edge.moment is None else day(edge.moment.astimezone(UTC) + by, period)


def _listed(releases: Sequence[Release], reading: Reading, period: Period, markup: Markup) -> str:
    everywhere = (*reading.repositories, *reading.left_out)
    names = {each.key: f"{markup.plain(each.name)} " for each in everywhere} if len(everywhere) > 1 else {}

    def write(release: Release) -> str:
        only = ", dated by its commit only" if is_by_commit(release) else ""
        return f"{names.get(release.repository, '')}{markup.release(release)} ({dated(release, period)}{only})"

    return listed_as(releases, write, _MOST_RELEASES)
