"""Release dates, and their sources, in words."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.domain.periods.period import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource
from bot.render.words import day, listed, plural, printable

_MOST_NAMED = 3
_SOURCES = {
    DateSource.PUBLISHED: "release published",
    DateSource.INDEX: "uploaded to the package index",
    DateSource.TAGGER: "tag created",
    DateSource.COMMIT: "commit",
    DateSource.FIRST_SEEN: "first seen by the bot",
}


def dated(release: Release, period: Period) -> str:
    """Return a release's date, whether it was yanked or its tag moved, and the date that the forge announces."""
    if release.date is None:
        return "no known date"
    moved = ["tag moved"] if release.state is ReleaseState.MOVED else []
    upcoming = [f"upcoming: {day(release.upcoming, period)}"] if release.upcoming else []
    return ", ".join([day(release.date, period), *moved, *yanked(release), *upcoming, *flagged(release)])


def yanked(release: Release) -> list[str]:
    """Return a remark for a release that was yanked, with the reason if one was given, else nothing."""
    if release.state is not ReleaseState.YANKED:
        return []
    return [f"yanked: {printable(release.yanked)}" if release.yanked else "yanked"]


def flagged(release: Release) -> list[str]:
    """Return a remark for a final version that the forge marks as a pre-release, else nothing."""
    return ["marked as pre-release on GitHub"] if release.is_flagged and release.kind.is_final else []


def edge_line(releases: Sequence[str]) -> str:
    """Return a line on releases, each in words, that may belong to the other side of a period's edge."""
    named = listed(releases, _MOST_NAMED)
    return f"{plural(len(releases), 'release')} may belong to the other side of a period's edge: {named}"


def bounds_words(release: Release, period: Period) -> str:
    """Return the earliest and the latest day of a release: ``commit 6 Feb, tag first seen 15 Feb``."""
    earliest, latest = release.bounds or (release.first_seen, release.first_seen)
    dated = "tag created" if release.date_source is DateSource.TAGGER else "commit"
    return f"{dated} {day(earliest, period)}, tag first seen {day(latest, period)}"


def apart_line(tags: Sequence[str], apart: timedelta) -> str:
    """Return a line on tags of one version on other commits: ``same version, other commits, 9 days apart: v1 = 1``."""
    return f"same version, other commits, {plural(apart.days, 'day')} apart: {' = '.join(tags)}"


def source_mark(source: DateSource | None) -> str:
    """Return the source of a date in brackets; an empty string for a commit date."""
    return f" ({_SOURCES[source]})" if source and source is not DateSource.COMMIT else ""


def sources_line(releases: Iterable[Release]) -> str:
    """Return the sources of releases' dates, the most reliable first: ``Dates: release published, else commit``.

    Empty if no release has a date.
    """
    sources = {release.date_source for release in releases}
    named = [name for source, name in _SOURCES.items() if source in sources]
    return f"Dates: {', else '.join(named)}" if named else ""


def source_words(source: DateSource) -> str:
    """Return the source of a date."""
    match source:
        case DateSource.PUBLISHED:
            return "release published on the forge"
        case DateSource.INDEX:
            return "uploaded to the package index"
        case DateSource.TAGGER:
            return "date of the tag"
        case DateSource.COMMIT:
            return "date of the commit"
        case _:
            return "first seen by the bot"
