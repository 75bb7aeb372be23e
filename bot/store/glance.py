"""A glance at a database for shell completion: names only, in a fraction of a second, and nothing is ever written.

SQLAlchemy takes longer to import than a prompt may wait, so these few statements go to the drivers.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from bot.store.files import has_log

# Runs a statement, and returns its rows.
_Read = Callable[[str], list[Any]]
# How long a statement may take, in seconds.
_PATIENCE = 0.3
# How many instructions SQLite runs before it looks at the clock.
_INSTRUCTIONS = 10_000

_REPOSITORIES = "SELECT key FROM repositories ORDER BY key"
# The last change to a target decides; an undone one does not count.
_CHANGES = """
    SELECT target, kind FROM watch_changes WHERE kind IN ('watch', 'unwatch')
    AND id NOT IN (SELECT undoes FROM watch_changes WHERE undoes IS NOT NULL) ORDER BY id
"""
_SERIES = """
    SELECT repositories.key, releases.series FROM releases
    JOIN repositories ON repositories.id = releases.repository_id
    GROUP BY repositories.key, releases.series ORDER BY MIN(releases.order_key) DESC
"""


def repository_keys(url: str) -> list[str]:
    """Return the keys of the repositories that were polled or added by command, without those that were removed.

    Raises the driver's error if the database is missing or cannot be read.
    """
    with _reading(url) as read:
        keys = [key for (key,) in read(_REPOSITORIES)]
        kinds: dict[str, str] = dict(read(_CHANGES))
    added = [target for target, kind in kinds.items() if kind == "watch" and not target.endswith("*")]
    removed = {target.lower() for target, kind in kinds.items() if kind == "unwatch"}
    # The key of a closed history is that of its repository with a colon and more.
    return [key for key in dict.fromkeys([*keys, *added]) if key.count(":") == 1 and key.lower() not in removed]


def series_names(url: str) -> list[tuple[str, str]]:
    """Return each series that has a release, after its repository's key, the highest version first.

    Raises the driver's error if the database is missing, cannot be read, or takes too long.
    """
    with _reading(url) as read:
        return [(key, series) for key, series in read(_SERIES)]


def _reading(url: str) -> AbstractContextManager[_Read]:
    return _postgresql(url) if url.startswith("postgres") else _sqlite(url)


@contextmanager
def _sqlite(url: str) -> Iterator[_Read]:
    file = Path(unquote(urlsplit(url).path).removeprefix("/").removeprefix("file:"))
    # A reader creates files beside a database in WAL mode, which its owner then may be unable to write.
    options = "mode=ro" if has_log(file) else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"file:{quote(str(file))}?{options}", uri=True, timeout=_PATIENCE)) as connection:
        ends = time.monotonic() + _PATIENCE
        connection.set_progress_handler(lambda: time.monotonic() > ends, _INSTRUCTIONS)
        yield lambda statement: connection.execute(statement).fetchall()


@contextmanager
def _postgresql(url: str) -> Iterator[_Read]:
    import psycopg

    address = f"postgresql:{url.partition(':')[2]}"
    options = f"-c default_transaction_read_only=on -c statement_timeout={round(_PATIENCE * 1000)}"
    with psycopg.connect(address, connect_timeout=1, options=options) as connection:
        yield lambda statement: connection.execute(statement.encode()).fetchall()
