"""The store at scale: a count, the newest of each series, polls and backfills in a database of many repositories."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import count as numbers
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.common import Line, medians, most_memory, seconds, tell
from benchmarks.counting import count, count_raw
from benchmarks.databases import Raw, raw_sql
from benchmarks.population import (
    AS_OF,
    POLLED,
    TAGS_OF_DIRAC,
    columns_of,
    history,
    make_repositories,
    make_repository,
    populate,
)
from bot.domain.filters import KindWord, wanted
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord
from bot.domain.releases import releases_of
from bot.domain.repositories import Repository
from bot.domain.tags import Tag
from bot.services.rebuild import rules_of
from bot.store.store import Store

_REPEATS = 9
_QUIET_POLLS = 1_000
_NEWEST = (
    "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY series ORDER BY order_key DESC) AS place FROM releases"
    " WHERE repository_id = ? AND kind <> 'pre-release' AND state <> 'withdrawn') WHERE place = 1"
)
_TAGS = "SELECT * FROM tags WHERE repository_id = ?"
_UPDATE = "UPDATE repositories SET polled_at = ?, revision = revision + 1 WHERE id = ?"


@dataclass(frozen=True)
class _Setting:
    """The database that is measured, reached by the store and by sqlite3."""

    file: Path
    store: Store
    raw: sqlite3.Connection
    beside: Raw
    repositories: Sequence[Repository]
    fresh: Iterator[int]

    @property
    def one(self) -> Repository:
        """The repository that single questions are about."""
        return self.repositories[5]

    @property
    def number(self) -> int:
        """Its number in the database."""
        return 6

    @property
    def bytes(self) -> int:
        """How large the file is, once all that was written is in it."""
        self.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return self.file.stat().st_size


def measure(repositories: int = 1_000, tags: int = 500) -> list[Line]:
    """Make the database and take the times of what is done with it."""
    with _setting(repositories, tags) as (setting, made):
        size = f"{repositories:,} repositories, {repositories * tags:,} tags"
        how = f"{size}, {setting.bytes / 1e6:,.0f} MB, made in {made:.0f} s"
        return [
            _counting(setting, f"{how}; reference: the same by SQL on sqlite3"),
            _newest(setting, f"{size}; reference: the same rows by SQL on sqlite3"),
            *_polls(setting, size),
            _backfill(setting),
            _reading(setting, size),
            _quiet(setting, size),
        ]


@contextmanager
def _setting(repositories: int, tags: int) -> Iterator[tuple[_Setting, float]]:
    watched = make_repositories(repositories)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        made = seconds(lambda: populate(file, watched, tags))
        url = f"sqlite:///{file}"
        with (
            Store.open(url) as store,
            closing(sqlite3.connect(file, isolation_level=None)) as raw,
            raw_sql(url) as beside,
        ):
            raw.execute("PRAGMA synchronous = FULL")  # as the store has it
            yield _Setting(file, store, raw, beside, watched, numbers(1)), made


def _counting(setting: _Setting, how: str) -> Line:
    bot, raw = medians(_REPEATS, lambda: count(setting.repositories, setting.store), lambda: count_raw(setting.beside))
    return Line("large: count a month by series, all", bot, raw, how)


def _newest(setting: _Setting, how: str) -> Line:
    newest = wanted([setting.one], (KindWord.FINAL,), (), since=None, until=AS_OF.end)
    bot, raw = medians(
        _REPEATS,
        lambda: setting.store.releases.leading(newest),
        lambda: setting.raw.execute(_NEWEST, [setting.number]).fetchall(),
    )
    return Line("large: latest of one repository", bot, raw, how)


def _polls(setting: _Setting, size: str) -> Iterator[Line]:
    for what, changed in (("nothing new", False), ("one new tag", True)):
        bot, raw = medians(_REPEATS, partial(_poll, setting, changed=changed), partial(_update, setting))
        how = f"{size}; read, compared, written, on the disk; reference: one UPDATE by sqlite3, on the disk"
        yield Line(f"large: poll one repository, {what}", bot, raw, how)


def _poll(setting: _Setting, *, changed: bool) -> None:
    """Record a poll as the polling service does: what is held is read, compared and written."""
    store, repository = setting.store, setting.one
    record = store.tags.record(repository.key)
    new = (_new_tag(record, next(setting.fresh)),) if changed else ()
    releases = releases_of(repository, [*record.tags.values(), *new]) if changed else None
    store.polls.write(record, _mark(record, repository), PollChanges(added=new), releases)


def _new_tag(record: RepositoryRecord, number: int) -> Tag:
    known = next(iter(record.tags.values()))
    return replace(known, name=f"v9r0p{number}", backfilled=False)


def _mark(record: RepositoryRecord, repository: Repository) -> PollMark:
    at = (record.polled_at or POLLED) + timedelta(minutes=10)
    return PollMark(at, record.validator, PollDepth.COMPLETE, rules_of(repository))


def _update(setting: _Setting) -> None:
    setting.raw.execute(_UPDATE, [f"{POLLED:%Y-%m-%d %H:%M:%S}.000000", setting.number])


def _backfill(setting: _Setting) -> Line:
    tags = history(TAGS_OF_DIRAC)

    def work() -> None:
        repository = make_repository(1_000_000 + next(setting.fresh))
        record = RepositoryRecord(repository.key)
        setting.store.polls.write(
            record, _mark(record, repository), PollChanges(tuple(tags)), releases_of(repository, tags)
        )

    bot, raw = medians(_REPEATS, work, lambda: _copy(setting))
    how = "its releases made, all written in one transaction; reference: as many rows copied by SQL on sqlite3"
    return Line(f"large: backfill a repository of {TAGS_OF_DIRAC:,} tags", bot, raw, how)


def _copy(setting: _Setting) -> None:
    """Write as many rows as a backfill, out of the last one's."""
    raw = setting.raw
    raw.execute("BEGIN IMMEDIATE")
    (source,) = raw.execute("SELECT max(repository_id) FROM releases").fetchone()
    key = f"copy:{next(setting.fresh)}"
    raw.execute("INSERT INTO repositories (key, revision, rules) VALUES (?, 1, '')", [key])
    (copy,) = raw.execute("SELECT id FROM repositories WHERE key = ?", [key]).fetchone()
    for table in ("tags", "releases"):
        names = ", ".join(columns_of(raw, table))
        copied = f"SELECT ?, {names} FROM {table} WHERE repository_id = ?"
        raw.execute(f"INSERT INTO {table} (repository_id, {names}) {copied}", [copy, source])
    raw.execute("COMMIT")


def _reading(setting: _Setting, size: str) -> Line:
    """Read the records of all repositories, each with its tags, as the polls of one round do."""
    bot = seconds(lambda: [len(setting.store.tags.record(each.key).tags) for each in setting.repositories])
    peak = most_memory()
    numbered = range(1, len(setting.repositories) + 1)
    raw = seconds(lambda: [len(setting.raw.execute(_TAGS, [number]).fetchall()) for number in numbered])
    how = f"{size}; one after the other; at most {peak:.0f} MB of memory in use; reference: SELECT by sqlite3"
    return Line("large: read the tags of every repository", bot, raw, how)


def _quiet(setting: _Setting, size: str) -> Line:
    chosen = [setting.repositories[number % len(setting.repositories)] for number in range(_QUIET_POLLS)]
    _write_nothing(setting, chosen)  # the first one makes each row a byte longer: its revision is no longer 1
    before = setting.bytes
    bot = seconds(lambda: _write_nothing(setting, chosen))
    grown = setting.bytes - before
    raw = _QUIET_POLLS * medians(_REPEATS, lambda: _update(setting))[0]
    how = f"{size}; the writes alone; the file grew by {grown:,} bytes; reference: as many UPDATEs by sqlite3"
    return Line(f"large: write {_QUIET_POLLS:,} polls of nothing new", bot, raw, how)


def _write_nothing(setting: _Setting, repositories: Sequence[Repository]) -> None:
    for repository in repositories:
        (record,) = setting.store.tags.records([repository.key])
        setting.store.polls.write(record, _mark(record, repository), PollChanges(), None)


@click.command()
@click.option("--repositories", default=1_000, show_default=True, help="How many repositories the database has.")
@click.option("--tags", default=500, show_default=True, help="How many tags each of them has.")
def main(repositories: int, tags: int) -> None:
    """Measure the store in a database of the size asked for."""
    tell(measure(repositories, tags))


if __name__ == "__main__":
    main()
