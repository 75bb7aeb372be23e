"""Making the weekly digest of 900 repositories with a million tags, against its releases read by SQL on sqlite3."""

import resource
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import Line, medians, tell
from benchmarks.population import AS_OF, TAGS_OF_DIRAC, make_repositories, populate
from bot.domain.digests.digest import Digest
from bot.services.digests import DigestOrder, make_digest
from bot.store.store import Store

_REPOSITORIES = 900
_REPEATS = 5
_TARGET = 1.0

_WEEK = "SELECT * FROM releases WHERE date >= ?1 AND date < ?2 AND state <> 'withdrawn'"
# SQLite gives the other columns of the row that has the maximum.
_NEWEST = (
    "SELECT *, max(order_key) FROM releases WHERE kind <> 'pre-release' AND state <> 'withdrawn' AND date < ?2"
    " GROUP BY repository_id, series HAVING date >= ?1"
)


def measure() -> list[Line]:
    """Make the database, check that the digest has what SQL finds, and take the times of both."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        populate(file, make_repositories(_REPOSITORIES), TAGS_OF_DIRAC)
        # In a process of its own, whose memory is that of digests alone.
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            return [process.submit(_measure, file).result()]


def _measure(file: Path) -> Line:
    with Store.open(f"sqlite:///{file}") as store, closing(sqlite3.connect(file)) as raw:
        digest = _make(store)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        found, newest = (len(rows) for rows in _read(digest, raw))
        parts = digest.repositories
        ours = (sum(len(part.releases) for part in parts), sum(len(part.latest) for part in parts))
        if ours != (found, newest) or not found:
            message = f"the digest has {ours} releases of the week and newest ones, SQL finds {(found, newest)}"
            raise AssertionError(message)
        bot, sql = medians(_REPEATS, lambda: _make(store), lambda: _read(digest, raw))
    return Line(
        "make a weekly digest",
        bot,
        sql,
        f"{_REPOSITORIES * TAGS_OF_DIRAC:,} tags in {_REPOSITORIES} repositories; {found:,} releases of the week, the"
        f" newest of {newest:,} living series; at most {memory:.0f} MB of memory in use; reference: these releases by"
        f" two statements on sqlite3; median of {_REPEATS}",
        _TARGET,
    )


def _make(store: Store) -> Digest:
    order = DigestOrder("weekly", "#releases", "last-week", make_repositories(_REPOSITORIES), schedule="0 9 * * mon")
    return make_digest(order, store, AS_OF, AS_OF.end)


def _read(digest: Digest, raw: sqlite3.Connection) -> Sequence[Sequence[object]]:
    start, end = digest.period.start or digest.period.end, digest.period.end
    week = [f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000" for moment in (start, end)]
    year = [f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000" for moment in (end - timedelta(days=365), AS_OF.end)]
    return raw.execute(_WEEK, week).fetchall(), raw.execute(_NEWEST, year).fetchall()


if __name__ == "__main__":
    tell(measure())
