"""Making the weekly digest of 900 repositories with a million tags, against its releases read by raw SQL."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

from benchmarks.common import Line, medians, most_memory, tell
from benchmarks.counting import moment_of
from benchmarks.databases import BOTH, Raw, new_database, raw_sql
from benchmarks.population import AS_OF, TAGS_OF_DIRAC, fill, make_repositories
from bot.domain.digests.digest import Digest
from bot.services.digests import DigestOrder, make_digest
from bot.store.store import Store

_REPOSITORIES = 900
_REPEATS = 5
_TARGET = 0.5

_WEEK = "SELECT * FROM releases WHERE date >= :begin AND date < :after AND state <> 'withdrawn'"
_FINAL = "kind <> 'pre-release' AND state <> 'withdrawn' AND date < :until"
# SQLite gives the other columns of the row that has the maximum.
_NEWEST = f"SELECT *, max(order_key) FROM releases WHERE {_FINAL} GROUP BY repository_id, series HAVING date >= :living"
_NEWEST_ON_POSTGRESQL = (
    f"SELECT * FROM (SELECT DISTINCT ON (repository_id, series) * FROM releases WHERE {_FINAL}"
    " ORDER BY repository_id, series, order_key DESC) AS newest WHERE date >= :living"
)


def measure() -> list[Line]:
    """Make the databases, check that the digest has what SQL finds, and take the times of both."""
    return [_on(name) for name in BOTH]


def _on(name: str) -> Line:
    with new_database(name) as url:
        fill(url, make_repositories(_REPOSITORIES), TAGS_OF_DIRAC)
        # In a process of its own, whose memory is that of digests alone.
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            return process.submit(_measure, url, name).result()


def _measure(url: str, name: str) -> Line:
    with Store.open(url) as store, raw_sql(url) as raw:
        digest = _make(store)
        memory = most_memory()
        found, newest = (len(rows) for rows in _read(digest, raw))
        parts = digest.repositories
        ours = (sum(len(part.releases) for part in parts), sum(len(part.latest) for part in parts))
        if ours != (found, newest) or not found:
            message = f"the digest has {ours} releases of the week and newest ones, SQL finds {(found, newest)}"
            raise AssertionError(message)
        bot, sql = medians(_REPEATS, lambda: _make(store), lambda: _read(digest, raw))
    return Line(
        f"make a weekly digest, {name}",
        bot,
        sql,
        f"{_REPOSITORIES * TAGS_OF_DIRAC:,} tags in {_REPOSITORIES} repositories; {found:,} releases of the week, the"
        f" newest of {newest:,} living series; at most {memory:.0f} MB of memory in use (target 150 MB); reference:"
        f" these releases by two statements of raw SQL; median of {_REPEATS}",
        _TARGET,
    )


def _make(store: Store) -> Digest:
    order = DigestOrder("weekly", "#releases", "last-week", make_repositories(_REPOSITORIES), schedule="0 9 * * mon")
    return make_digest(order, store, AS_OF, AS_OF.end)


def _read(digest: Digest, raw: Raw) -> Sequence[Sequence[object]]:
    start, end = digest.period.start or digest.period.end, digest.period.end
    moments = (start, end, end - timedelta(days=365), AS_OF.end)
    begin, after, living, until = (moment_of(raw, moment) for moment in moments)
    newest = _NEWEST if raw.is_sqlite else _NEWEST_ON_POSTGRESQL
    return raw.rows(_WEEK, begin=begin, after=after), raw.rows(newest, living=living, until=until)


if __name__ == "__main__":
    tell(measure())
