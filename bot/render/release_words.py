"""The date of a release beside its name, and where dates came from."""

from collections.abc import Iterable

from bot.domain.periods.period import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource
from bot.render.words import day

_SOURCES = {
    DateSource.PUBLISHED: "release published",
    DateSource.TAGGER: "tag created",
    DateSource.COMMIT: "commit",
    DateSource.FIRST_SEEN: "first seen by the bot",
}


def dated(release: Release, period: Period) -> str:
    """Return a release's day, whether its tag was moved, and the day that the forge announces."""
    if release.date is None:
        return "no known date"
    moved = ["tag moved"] if release.state is ReleaseState.MOVED else []
    upcoming = [f"upcoming: {day(release.upcoming, period)}"] if release.upcoming else []
    return ", ".join([day(release.date, period), *moved, *upcoming, *flagged(release)])


def flagged(release: Release) -> list[str]:
    """Return a mark for a release that the forge has as a pre-release though its name is final, else nothing."""
    return ["marked as pre-release on GitHub"] if release.is_flagged and release.kind.is_final else []


def source_mark(source: DateSource | None) -> str:
    """Return where a date came from, in brackets; nothing for the commit's."""
    return f" ({_SOURCES[source]})" if source and source is not DateSource.COMMIT else ""


def sources_line(releases: Iterable[Release]) -> str:
    """Return where the dates of releases came from, the surest source first: ``Dates: release published, else commit``.

    Nothing where no release has a date.
    """
    sources = {release.date_source for release in releases}
    named = [name for source, name in _SOURCES.items() if source in sources]
    return f"Dates: {', else '.join(named)}" if named else ""


def source_words(source: DateSource) -> str:
    """Return where a date came from."""
    match source:
        case DateSource.PUBLISHED:
            return "release published on the forge"
        case DateSource.TAGGER:
            return "date of the tag"
        case DateSource.COMMIT:
            return "date of the commit"
        case _:
            return "first seen by the bot"
