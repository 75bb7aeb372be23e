"""Counting one month by series among a million tags, against the same numbers by SQL on sqlite3."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import Line, medians, tell
from benchmarks.population import AS_OF, PARIS, TAGS_OF_DIRAC, make_repositories, populate
from bot.domain.counts import GroupBy
from bot.domain.periods import Period
from bot.domain.repositories import Repository
from bot.services.counting import Question, count_releases
from bot.store.sql import SqlStore

JUNE = Period(datetime(2020, 6, 1, tzinfo=PARIS), datetime(2020, 7, 1, tzinfo=PARIS), PARIS)

_REPOSITORIES = 900
_REPEATS = 15
_TARGET = 0.020
_COUNT = (
    "SELECT series, count(*) FROM releases"
    " WHERE kind = 'patch' AND state <> 'withdrawn' AND date >= ?1 AND date < ?2"
    " AND repository_id IN (SELECT id FROM repositories WHERE id = ?3 OR ?3 IS NULL) GROUP BY series"
)


def count(repositories: Sequence[Repository], store: SqlStore) -> dict[str, int]:
    """Count the month by series, as ``release-bot count --by series`` does."""
    counted = count_releases(Question(repositories, JUNE, AS_OF), store, [GroupBy.SERIES], listed=False)
    return {group.keys[0][1]: group.count for group in counted.groups}


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
        with SqlStore.open(f"sqlite:///{file}") as store, closing(sqlite3.connect(file)) as raw:
            return [
                _line("all of them", repositories, None, store, raw),
                _line("one of them", repositories[5:6], 6, store, raw),
            ]


def _line(
    which: str, repositories: Sequence[Repository], number: int | None, store: SqlStore, raw: sqlite3.Connection
) -> Line:
    ours, reference = count(repositories, store), count_raw(raw, number)
    if ours != reference or not ours:
        message = f"the counts differ: {ours} by the bot, {reference} by SQL"
        raise AssertionError(message)
    bot, sql = medians(_REPEATS, lambda: count(repositories, store), lambda: count_raw(raw, number))
    tags = f"{_REPOSITORIES * TAGS_OF_DIRAC:,} tags in {_REPOSITORIES} repositories"
    return Line(
        f"count a month by series, {which}",
        bot,
        sql,
        f"{tags}; {sum(ours.values()):,} releases, the same by SQL on sqlite3; median of {_REPEATS}",
        _TARGET,
    )


if __name__ == "__main__":
    tell(measure())
