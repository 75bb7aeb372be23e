"""The status of series in words, as a table and as JSON."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.periods.period import Period
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import MarkedSeries, SeriesStatus, StatusChange
from bot.domain.values import dataclass
from bot.render.json_form import Json, moment_json, release_json
from bot.render.markup import Markup
from bot.render.release_table import minute
from bot.render.release_words import dated
from bot.render.table import Column, Table
from bot.render.words import day

_IS = {
    SeriesStatus.RECOMMENDED: "is recommended",
    SeriesStatus.MAINTAINED: "is maintained",
    SeriesStatus.LAST: "has had its last release",
    SeriesStatus.END_OF_LIFE: "is end-of-life",
}
_COLUMNS = (
    Column("repository", rank=2),
    Column("series"),
    Column("status"),
    Column("note", rank=1),
    Column("who", rank=4),
    Column("when", rank=5),
    Column("newest release", rank=3),
)
_BY_FILE = "configuration file"


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series with its status, None where it has none, and its newest final release."""

    repository: Repository
    series: str
    marked: MarkedSeries | None
    newest: Release | None

    @property
    def status(self) -> SeriesStatus | None:
        """The status."""
        return self.marked.status if self.marked else None


def status_words(row: SeriesRow, period: Period, markup: Markup) -> str:
    """Return ``v9r0 of DIRAC is recommended (long-term line); newest release: v9.0.22 (20 Nov)``."""
    said = f"{markup.strong(markup.plain(row.series))} of {markup.plain(row.repository.name)} {status_is(row.status)}"
    note = f" ({markup.plain(row.marked.note)})" if row.marked and row.marked.note else ""
    newest = f"; newest release: {markup.release(row.newest)} ({dated(row.newest, period)})" if row.newest else ""
    return f"{said}{note}{newest}"


def status_is(status: SeriesStatus | None) -> str:
    """Return ``is recommended``, ``has no status``."""
    return "has no status" if status is None else _IS[status]


def marked_by(marked: MarkedSeries, period: Period, markup: Markup) -> str:
    """Return who gave a series its status, and when: ``ann, 20 Nov``."""
    return f"{markup.plain(marked.who)}, {day(marked.at, period)}" if marked.at else _BY_FILE


def series_table(rows: Iterable[SeriesRow], zone: ZoneInfo) -> Table:
    """Return a table of series with their status; times are in the zone."""
    return Table.of(_COLUMNS, (_cells(row, zone) for row in rows))


def _cells(row: SeriesRow, zone: ZoneInfo) -> tuple[str, ...]:
    marked, newest = row.marked, row.newest.version if row.newest else ""
    if marked is None:
        return (row.repository.key, row.series, "", "", "", "", newest)
    who = marked.who or _BY_FILE
    return (row.repository.key, row.series, marked.status.value, marked.note, who, minute(marked.at, zone), newest)


def series_json(rows: Iterable[SeriesRow], zone: ZoneInfo) -> list[Json]:
    """Return the same as JSON; ``who`` and ``when`` are null where the configuration file gives the status."""
    return [_row_json(row, zone) for row in rows]


def _row_json(row: SeriesRow, zone: ZoneInfo) -> Json:
    marked = row.marked
    when: datetime | None = marked.at if marked else None
    return {
        "repository": row.repository.key,
        "series": row.series,
        "status": marked.status.value if marked else None,
        "note": marked.note if marked else "",
        "who": (marked.who or None) if marked else None,
        "when": moment_json(when, zone),
        "newest": release_json(row.newest, zone) if row.newest else None,
    }


def status_change_json(change: StatusChange, zone: ZoneInfo) -> Json:
    """Return a change to the status of a series as JSON."""
    return {
        "number": change.number,
        "at": moment_json(change.at, zone),
        "who": change.who,
        "repository": change.repository,
        "series": change.series,
        "status": change.status.value,
        "note": change.note,
        "undoes": change.undoes,
    }
