"""Releases as a table: tags, commit, date and the source of the date."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.releases import Release, ReleaseState
from bot.domain.series_status import Line, SeriesStatus, line_of
from bot.render.release_words import flagged, yanked
from bot.render.table import Column, Table

Statuses = Mapping[Line, SeriesStatus]

_SERIES = Column("series", rank=2)
_COLUMNS = (
    Column("repository", rank=3),
    Column("release"),
    _SERIES,
    Column("kind", rank=1),
    Column("date"),
    Column("date from", rank=4),
    Column("commit", rank=5),
    Column("tags", rank=6),
)
_SHORT_COMMIT = 10
_NO_STATUSES: Statuses = {}


def releases_table(releases: Iterable[Release], zone: ZoneInfo, statuses: Statuses = _NO_STATUSES) -> Table:
    """Return a table of releases, with the status of their series where any has one; times are in the zone."""
    if not statuses:
        return Table.of(_COLUMNS, (_row(release, zone) for release in releases))
    at = _COLUMNS.index(_SERIES) + 1
    columns = (*_COLUMNS[:at], Column("status", rank=1), *_COLUMNS[at:])
    rows = ((_row(release, zone), statuses.get(line_of(release), "")) for release in releases)
    return Table.of(columns, ((*row[:at], status, *row[at:]) for row, status in rows))


def _row(release: Release, zone: ZoneInfo) -> tuple[str, ...]:
    state = "" if release.state is ReleaseState.CURRENT else f" ({''.join(yanked(release)) or release.state.value})"
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
