"""Counting among a million tags: a month by series, all time by month; against the same numbers by SQL on sqlite3."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from benchmarks.common import Line, medians, tell
from benchmarks.population import AS_OF, PARIS, TAGS_OF_DIRAC, make_repositories, populate
from bot.domain.counts import GroupBy, sum_by
from bot.domain.filters import KindWord, wanted
from bot.domain.periods.period import Period
from bot.domain.periods.spans import Span
from bot.domain.repositories import Repository
from bot.queries.base import QueryContext, Watched, run
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.store.store import Store

JUNE = Period(datetime(2020, 6, 1, tzinfo=PARIS), datetime(2020, 7, 1, tzinfo=PARIS), PARIS)

_REPOSITORIES = 900
_REPEATS = 15
_TARGET, _ALL_TIME_TARGET = 0.020, 0.3
_COUNT = (
    "SELECT series, count(*) FROM releases"
    " WHERE kind = 'patch' AND state <> 'withdrawn' AND date >= ?1 AND date < ?2"
    " AND repository_id IN (SELECT id FROM repositories WHERE id = ?3 OR ?3 IS NULL) GROUP BY series"
)
_BY_MONTH = (
    "SELECT substr(date, 1, 7), count(*) FROM releases"
    " WHERE kind = 'patch' AND state <> 'withdrawn' AND date < ? GROUP BY 1"
)


def count(repositories: Sequence[Repository], store: Store) -> dict[str, int]:
    """Count the month by series, as ``release-bot count --by series`` does."""
    context = QueryContext(store, Watched(repositories), AS_OF, timedelta(hours=2))
    counted = run(Count(Filters(span=Span(JUNE.start, JUNE.end)), (GroupBy.SERIES,), most=0), context)
    return {group["series"]: group["count"] for group in counted.data()["groups"]}


def count_raw(connection: sqlite3.Connection, repository: int | None = None) -> dict[str, int]:
    """Count the same by one statement: of all repositories, or of the one with this number."""
    bounds = [f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000" for moment in (JUNE.start, JUNE.end) if moment]
    return dict(connection.execute(_COUNT, [*bounds, repository]))


def measure() -> list[Line]:
    """Make the database, check that both ways count alike, and take their times."""
    repositories = make_repositories(_REPOSITORIES)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        populate(file, repositories, TAGS_OF_DIRAC)
        with Store.open(f"sqlite:///{file}") as store, closing(sqlite3.connect(file)) as raw:
            return [
                _line("all of them", repositories, None, store, raw),
                _line("one of them", repositories[5:6], 6, store, raw),
                _all_time(repositories, store, raw),
            ]


def _line(
    which: str, repositories: Sequence[Repository], number: int | None, store: Store, raw: sqlite3.Connection
) -> Line:
    ours, reference = count(repositories, store), count_raw(raw, number)
    if ours != reference or not ours:
        message = f"the counts differ: {ours} by the bot, {reference} by SQL"
        raise AssertionError(message)
    bot, sql = medians(_REPEATS, lambda: count(repositories, store), lambda: count_raw(raw, number))
    return Line(
        f"count a month by series, {which}",
        bot,
        sql,
        f"{_size()}; {sum(ours.values()):,} releases, the same by SQL on sqlite3; median of {_REPEATS}",
        _TARGET,
    )


def _all_time(repositories: Sequence[Repository], store: Store, raw: sqlite3.Connection) -> Line:
    """Count patch releases of all time by month; in UTC, where SQL finds the month by cutting the date's text."""
    choice = wanted(repositories, [KindWord.PATCH], [], since=None, until=AS_OF.end)
    units, zone = [GroupBy.MONTH], ZoneInfo("UTC")

    def count() -> dict[str, int]:
        return {
            group.keys[0][1]: group.count for group in sum_by(store.releases.tally(choice, units, zone), units, zone)
        }

    def count_raw() -> dict[str, int]:
        return dict(raw.execute(_BY_MONTH, [f"{AS_OF.end.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000"]))

    ours = count()
    if ours != count_raw():
        message = f"the counts by month differ: {ours} by the bot, {count_raw()} by SQL"
        raise AssertionError(message)
    bot, sql = medians(_REPEATS, count, count_raw)
    how = f"{sum(ours.values()):,} releases in {len(ours)} months, the same by SQL on sqlite3; median of {_REPEATS}"
    return Line("count all time by month", bot, sql, f"{_size()}; {how}", _ALL_TIME_TARGET)


def _size() -> str:
    return f"{_REPOSITORIES * TAGS_OF_DIRAC:,} tags in {_REPOSITORIES} repositories"


if __name__ == "__main__":
    tell(measure())
