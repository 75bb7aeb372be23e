"""Releases as a table: tags, commit, date and the source of the date."""

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
    """Return a table of releases; times are in the zone."""
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
    """Return the source of a release's date, and the date that its forge announces."""
    source = release.date_source.value if release.date_source else "unknown"
    return f"{source}, upcoming {minute(release.upcoming, zone)}" if release.upcoming else source


def minute(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment to the minute, or an empty string for None."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
