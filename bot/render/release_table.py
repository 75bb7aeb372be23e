"""Releases as a table: each with its tags, commit and date, and where the date came from."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.releases import Release, ReleaseState
from bot.render.release_words import flagged
from bot.render.table import Column, Table

_COLUMNS = (
    Column("repository", rank=3),
    Column("release"),
    Column("series", rank=2),
    Column("kind", rank=1),
    Column("date"),
    Column("date from", rank=4),
    Column("commit", rank=5),
    Column("tags", rank=6),
)
_SHORT_COMMIT = 10


def releases_table(releases: Iterable[Release], zone: ZoneInfo) -> Table:
    """Return releases as a table; times are those of the zone."""
    return Table.of(_COLUMNS, (_row(release, zone) for release in releases))


def _row(release: Release, zone: ZoneInfo) -> tuple[str, ...]:
    state = "" if release.state is ReleaseState.CURRENT else f" ({release.state.value})"
    return (
        release.repository,
        release.version + state,
        release.series,
        "; ".join([release.kind.value, *flagged(release)]),
        minute(release.date, zone),
        _source(release, zone),
        (release.commit or "")[:_SHORT_COMMIT],
        ", ".join(release.tags),
    )


def _source(release: Release, zone: ZoneInfo) -> str:
    """Name where a release's date came from, and the day that its forge announces."""
    source = release.date_source.value if release.date_source else "not known"
    return f"{source}, upcoming {minute(release.upcoming, zone)}" if release.upcoming else source


def minute(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment to the minute, nothing for none."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
