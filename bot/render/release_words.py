"""How a release's date is said beside its name, with where the date came from."""

from bot.domain.periods import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource
from bot.render.words import day

# What a date's mark means; the commit's date, nearly always there is, goes unmarked.
_MARKS = {DateSource.PUBLISHED: "published", DateSource.TAGGER: "tagged", DateSource.FIRST_SEEN: "first seen"}


def dated(release: Release, period: Period) -> str:
    """Say a release's day, the source of the date where that is not the commit, and what else it is marked by.

    Those marks are that a tag was moved, and the day that the forge announces.
    """
    if release.date is None:
        return "no known date"
    mark = _MARKS.get(release.date_source) if release.date_source else None
    moved = ["tag moved"] if release.state is ReleaseState.MOVED else []
    upcoming = [f"upcoming: {day(release.upcoming, period)}"] if release.upcoming else []
    return ", ".join([day(release.date, period), *([mark] if mark else []), *moved, *upcoming, *flagged(release)])


def flagged(release: Release) -> list[str]:
    """Say that the forge marks a release as a pre-release whose name is a final one's; nothing where it does not."""
    return ["marked as pre-release on GitHub"] if release.is_flagged and release.kind.is_final else []


def source_mark(source: DateSource | None) -> str:
    """Mark where a date came from, in brackets; nothing for the commit's."""
    mark = _MARKS.get(source) if source else None
    return f" ({mark})" if mark else ""


def source_words(source: DateSource) -> str:
    """Say where a date came from."""
    match source:
        case DateSource.PUBLISHED:
            return "as published on the forge"
        case DateSource.TAGGER:
            return "by the date of its tag"
        case DateSource.COMMIT:
            return "by the date of its commit"
        case _:
            return "when the bot first saw it"
