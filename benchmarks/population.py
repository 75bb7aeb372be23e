"""A database of a given size, with histories like DIRAC's: series with pre-releases and patches over ten years.

The history of the first repository is written as a poll writes it; the others are made of
its rows by SQL, each with its dates moved by a few hours or days, so that millions take seconds.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from benchmarks.databases import Raw, raw_sql
from bot.domain.periods.period import AsOf
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord
from bot.domain.releases import coverage_of, releases_of
from bot.domain.repositories import Repository
from bot.domain.tag_dates import with_first_date
from bot.domain.tags import Tag, TagDetails, TagState
from bot.domain.versions.dirac import DiracScheme
from bot.services.rebuild import rules_of
from bot.store import schema
from bot.store.kept_counts import recount
from bot.store.store import Store

PARIS = ZoneInfo("Europe/Paris")
AS_OF = AsOf.at(datetime(2021, 2, 22, 14, tzinfo=PARIS), PARIS)
# DIRAC itself has this many tags.
TAGS_OF_DIRAC = 1_114

_FIRST = datetime(2011, 2, 1, 10, tzinfo=UTC)
POLLED = datetime(2021, 2, 22, 12, 50, tzinfo=UTC)
_SERIES = 30
_SERIES_A_MAJOR = 4
# A series begins every four months, has its pre-releases for four and its patches for twenty.
_EVERY = timedelta(days=120)


def make_repositories(number: int) -> list[Repository]:
    """Make this many watched repositories."""
    return [make_repository(each) for each in range(number)]


def make_repository(number: int) -> Repository:
    """Make a watched repository."""
    path = f"group{number // 100}/project{number}"
    return Repository(
        "github", path, f"project{number}", DiracScheme(), tag_url=f"https://github.com/{path}/tree/{{tag}}"
    )


def history(tags: int) -> list[Tag]:
    """Make the tags of one repository, all found by its first poll."""
    return [_tag(name, date.replace(microsecond=0)) for name, date in _dated_names(tags)]


def populate(file: Path, repositories: Sequence[Repository], tags: int) -> None:
    """Make a SQLite database in which each of the repositories has this many tags."""
    fill(f"sqlite:///{file}", repositories, tags)


def fill(url: str, repositories: Sequence[Repository], tags: int) -> None:
    """Fill a database without tables, so that each of the repositories has this many tags."""
    first, *others = repositories
    found = history(tags)
    mark = PollMark(POLLED, '"validator"', PollDepth.FULL, rules_of(first))
    with Store.open(url) as store:
        store.polls.write(
            RepositoryRecord(first.key),
            mark,
            PollChanges(tuple(found)),
            releases_of(first, found),
            coverage_of(first, found),
        )
        with raw_sql(url) as raw:
            _multiply(raw, first, others)
            with store.database.writing() as connection:
                for number in range(2, len(repositories) + 1):
                    recount(connection, number)
            if not raw.is_sqlite:
                raw.run("VACUUM ANALYZE")  # as its autovacuum does in time


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Name the columns that the rows of a repository have, ready for SQL, without their number and the repository's."""
    found = connection.execute("SELECT name FROM pragma_table_info(?)", [table])
    return [f'"{name}"' for (name,) in found if name not in {"id", "repository_id"}]


def _multiply(raw: Raw, first: Repository, others: Sequence[Repository]) -> None:
    if raw.is_sqlite:
        raw.run("PRAGMA synchronous = OFF")
    raw.run("BEGIN")
    for repository in others:
        raw.run(
            "INSERT INTO repositories"
            " (key, revision, rules, validator, polled_at, full_at, backfilled_at, considered_count)"
            " SELECT :key, revision, :rules, validator, polled_at, full_at, backfilled_at, considered_count"
            " FROM repositories WHERE id = 1",
            key=repository.key,
            rules=rules_of(repository),
        )
    for table, date in ((schema.tags, "committed"), (schema.releases, "date")):
        raw.run(_copying(raw, table, date), first=first.path)
    raw.run("COMMIT")


def _copying(raw: Raw, table: sa.Table, date: str) -> str:
    """Return the statement that copies the first repository to all others, with dates and addresses of their own."""
    columns = [column.name for column in table.columns if column.name not in {"id", "repository_id"}]
    minutes = "another.id * 97 - another.id * 97 / 20160 * 20160"
    moved = (
        f"strftime('%Y-%m-%d %H:%M:%f000', one.{date}, ({minutes}) || ' minutes')"
        if raw.is_sqlite
        else f"one.{date} + ({minutes}) * interval '1 minute'"
    )
    own = {date: moved, "url": "replace(one.url, :first, substr(another.key, length('github:') + 1))"}
    values = ", ".join(own.get(column, f'one."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {table.name} (repository_id, {names}) SELECT another.id, {values}"
        f" FROM repositories AS another CROSS JOIN {table.name} AS one WHERE one.repository_id = 1 AND another.id > 1"
    )


def _dated_names(tags: int) -> Iterator[tuple[str, datetime]]:
    for number in range(_SERIES):
        size = tags // _SERIES + (number < tags % _SERIES)
        begin = _FIRST + number * _EVERY
        series = f"v{1 + number // _SERIES_A_MAJOR}r{number % _SERIES_A_MAJOR}"
        pre_releases = size // 3
        for pre in range(pre_releases):
            yield f"{series}-pre{pre + 1}", begin + pre * _EVERY / pre_releases
        patches = size - pre_releases
        for patch in range(patches):
            yield f"{series}p{patch}" if patch else series, begin + _EVERY + patch * 5 * _EVERY / patches


def _tag(name: str, date: datetime) -> Tag:
    commit = (name.encode().hex() + "0" * 40)[:40]
    tag = Tag(
        name=name,
        target=commit,
        annotated=False,
        details=TagDetails(commit, committed=date),
        first_seen=POLLED,
        last_seen=POLLED,
        backfilled=True,
        state=TagState.CURRENT,
    )
    return with_first_date(tag)
