"""Repositories with their tags, and what happened to these, read as one state.

Tags, events and the record of polls are kept once for a repository; each of its products has them too.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.functions import coalesce

from bot.domain.package_index import IndexListing
from bot.domain.polling.record import Held, LastPolls, PollState, RepositoryRecord
from bot.domain.repositories import source_of
from bot.domain.tags import Tag, TagEvent, TagState
from bot.store.clock import clock_of, moment_of
from bot.store.database import Database
from bot.store.listings import read_listings
from bot.store.membership import given, one_of
from bot.store.rows import OF_A_TAG, Row, event_of, tag_of
from bot.store.schema import releases, repositories, tag_events, tags

if TYPE_CHECKING:
    from bot.domain.digests.news import Arrivals

# While a tag is there, the last poll that saw it is its repository's last one.
_LAST_SEEN = coalesce(tags.c.last_seen, repositories.c.polled_at).label("last_seen")
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_STATE = [repositories.c[name] for name in PollState._fields]
_TAG = [_LAST_SEEN if name == "last_seen" else tags.c[name] for name in OF_A_TAG]


class TagStore:
    """The tags and events of repositories, and each repository's record; written by polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, repository: str) -> RepositoryRecord:
        """Read what is held of one repository, with every tag ever seen; an unknown one is of revision 0."""
        with self._database.reading() as connection:
            [record] = _read_records(connection, [repository])
            tags = {tag.name: tag for _, tag in _read_tags(connection, [repository])} if record.revision else {}
            listings = read_listings(connection, [repository]).get(repository, {})
            return replace(record, tags=tags, listings=listings)

    def records(self, repositories: Iterable[str]) -> list[RepositoryRecord]:
        """Read the records without their tags, in the order asked; unknown ones are of revision 0."""
        with self._database.reading() as connection:
            return _read_records(connection, list(repositories))

    def held(self, keys: Sequence[str]) -> list[Held]:
        """Read how many tags each repository has, and when it was polled, in the order asked."""
        with self._database.reading() as connection:
            query = sa.select(repositories.c.key, *(repositories.c[name] for name in Held._fields))
            found = connection.execute(query.where(one_of(repositories.c.key, _sources(keys)))).all()
            held = {key: Held(*columns) for key, *columns in found}
            return [held.get(source_of(key)) or Held() for key in keys]

    def listings(self, repositories: Iterable[str]) -> dict[str, dict[str, IndexListing]]:
        """Read what package indexes list, by repository and project; one without an index is left out."""
        with self._database.reading() as connection:
            return read_listings(connection, repositories)

    def last_polls(self, sources: Collection[str], until: datetime, stale_after: timedelta) -> LastPolls:
        """Read the last polls of repositories, each given once, for an answer about the time before ``until``.

        One that is older than ``stale_after`` then, or that failed since, is noted.
        """
        with self._database.reading() as connection:
            asked, clock = one_of(repositories.c.key, sources), clock_of(connection)
            is_ordinary = _is_ordinary(clock, until.astimezone(UTC), stale_after)
            numbers = (sa.func.count(), sa.func.sum(repositories.c.unclassified_count))
            query = sa.select(sa.func.min(repositories.c.polled_at), clock, *numbers).where(asked, is_ordinary)
            earliest, now, number, unclassified = connection.execute(query).one()
            noted = _noted(connection, sources, is_ordinary, number) if number < len(sources) else {}
            of_noted = sum(state.unclassified_count for state in noted.values())
            return LastPolls(noted, earliest, moment_of(now), int(unclassified or 0) + of_noted)

    def of(self, repositories: Iterable[str]) -> list[tuple[str, Tag]]:
        """Read every tag ever seen with its repository, by repository as asked, then name."""
        with self._database.reading() as connection:
            return _read_tags(connection, list(repositories))

    def named(self, names: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read tags by repository and name; those that are not there are left out."""
        with self._database.reading() as connection:
            asked = _given_of_sources(connection, names)
            return _read_given(connection, asked, tags.c.name == asked.c.name)

    def present(self, repository: str, most: int, after: int = 0) -> list[str]:
        """Read the names of the tags that a repository has now, at most ``most`` after the first ``after``."""
        is_there = (repositories.c.key == source_of(repository), tags.c.state != TagState.DELETED)
        query = sa.select(tags.c.name).join_from(tags, repositories).where(*is_there)
        with self._database.reading() as connection:
            return list(connection.scalars(query.order_by(tags.c.name).limit(most).offset(after)))

    def on(self, commits: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read the tags that point to commits, each after its repository.

        Lightweight ones whose details are not known are found by what they point to.
        """
        with self._database.reading() as connection:
            asked = _given_of_sources(connection, commits)
            is_bare = sa.and_(tags.c.commit.is_(None), sa.not_(tags.c.detailed), sa.not_(tags.c.annotated))
            # One query for each: joined by OR, they would not use the index.
            return [
                found
                for is_on in (tags.c.commit == asked.c.name, sa.and_(is_bare, tags.c.target == asked.c.name))
                for found in _read_given(connection, asked, is_on)
            ]

    def containing(self, text: str, most: int) -> list[tuple[str, str]]:
        """Read the names of tags that hold a text, each after its repository: the first ones by name."""
        with self._database.reading() as connection:
            query = sa.select(repositories.c.key, tags.c.name).join_from(tags, repositories)
            # LIKE of SQLite takes ASCII in either case by itself, three times as fast as of names made lower first.
            is_sqlite = connection.dialect.name == "sqlite"
            holds = tags.c.name.contains if is_sqlite else tags.c.name.icontains
            query = query.where(holds(text, autoescape=True))
            found = connection.execute(query.order_by(tags.c.name, repositories.c.key).limit(most))
            return [(row.key, row.name) for row in found]

    def events(self, keys: Iterable[str], *, after: datetime | None = None) -> list[tuple[str, TagEvent]]:
        """Read tag events later than ``after``, oldest first, each with its repository's key."""
        readers = _by_source(keys)
        query = (
            sa.select(repositories.c.key, tag_events)
            .join_from(tag_events, repositories)
            .where(one_of(repositories.c.key, list(readers)))
            .order_by(tag_events.c.at, tag_events.c.id)
        )
        if after is not None:
            query = query.where(tag_events.c.at > after)
        with self._database.reading() as connection:
            found = [(readers[row.key], event_of(row)) for row in connection.execute(query)]
            return [(key, event) for asked, event in found for key in asked]

    def arrivals(self, repositories: Iterable[str], seen: Mapping[str, int]) -> "dict[str, Arrivals]":
        """Read what came to each repository's record since the revision that was seen of it, where one was.

        The repository's own revision is left 0.
        """
        from bot.domain.digests.news import Arrivals

        keys = list(repositories)
        with self._database.reading() as connection:
            known = {key: seen[key] for key in keys if key in seen}
            new_releases = _since(connection, releases, releases.c.normalized, known, lambda key: key)
            new_tags = _since(connection, tags, tags.c.name, known)
            new_events = _events_since(connection, known)
            return {
                key: Arrivals(
                    releases=frozenset(new_releases[key]) if key in known else None,
                    tags=frozenset(new_tags[key]) if key in known else None,
                    events=tuple(new_events[key]) if key in known else None,
                )
                for key in keys
            }


def _is_ordinary(clock: sa.ColumnElement[Any], until: datetime, stale_after: timedelta) -> sa.ColumnElement[bool]:
    """Return the condition that nothing is to be said of a last poll, by the rules of gaps and of unread tags."""
    of = repositories.c
    since = until - min(stale_after, until - _FIRST_MOMENT)
    is_recent = sa.or_(of.polled_at >= until, sa.and_(of.error.is_(None), of.polled_at >= since))
    return sa.and_(of.polled_at <= clock, is_recent, 2 * of.unclassified_count <= of.considered_count)


def _noted(
    connection: sa.Connection, sources: Collection[str], is_ordinary: sa.ColumnElement[bool], ordinary: int
) -> dict[str, PollState]:
    """Read the last polls that are not among the ordinary ones; a repository that is not held was never polled."""
    key = repositories.c.key
    asked, is_noted = one_of(key, sources), sa.or_(repositories.c.polled_at.is_(None), sa.not_(is_ordinary))
    rows = connection.execute(sa.select(key, *_STATE).where(asked, is_noted))
    noted = {key: PollState._make(state) for key, *state in rows}
    if ordinary + len(noted) < len(sources):
        held = set(connection.scalars(sa.select(key).where(asked)))
        noted |= {source: PollState() for source in sources if source not in held}
    return noted


def _read_records(connection: sa.Connection, keys: Sequence[str]) -> list[RepositoryRecord]:
    """Read the records without their tags, in the order asked."""
    query = sa.select(repositories).where(one_of(repositories.c.key, _sources(keys)))
    records = {row.key: _record_of(row) for row in connection.execute(query)}
    held = [(key, records.get(source_of(key))) for key in keys]
    return [RepositoryRecord(key) if record is None else _named(record, key) for key, record in held]


def _named(record: RepositoryRecord, key: str) -> RepositoryRecord:
    return record if record.repository == key else replace(record, repository=key)


def _sources(keys: Iterable[str]) -> list[str]:
    """Return the repositories that the keys are products of, each once."""
    return list(_by_source(keys))


def _by_source(keys: Iterable[str]) -> dict[str, list[str]]:
    """Group keys by the repository that they are products of."""
    readers: dict[str, list[str]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        readers[source_of(key)].append(key)
    return readers


def _record_of(row: Row) -> RepositoryRecord:
    """Read a repository's record, without its tags."""
    return RepositoryRecord(
        repository=row.key,
        revision=row.revision,
        rules=row.rules,
        validator=row.validator,
        polled_at=row.polled_at,
        full_at=row.full_at,
        backfilled_at=row.backfilled_at,
        error=row.error,
        failing_since=row.failing_since,
        head=row.head,
        complete_at=row.complete_at,
        changed_at=row.changed_at,
        failed_at=row.failed_at,
        tag_count=row.tag_count,
        undetailed_count=row.undetailed_count,
        suspected_at=row.suspected_at,
        renamed=row.renamed,
        identity=row.identity,
        rival=row.rival,
        undated_because=row.undated_because,
        upcoming_at=row.upcoming_at,
        considered_count=row.considered_count,
        unclassified_count=row.unclassified_count,
        is_unread_told=row.is_unread_told,
    )


def _read_tags(connection: sa.Connection, keys: Sequence[str]) -> list[tuple[str, Tag]]:
    """Read every tag ever seen, by repository as asked, then name."""
    readers = _by_source(keys)
    query = sa.select(*_TAG, repositories.c.key).join_from(tags, repositories)
    query = query.where(one_of(repositories.c.key, list(readers)))
    read = [(readers[row[-1]], tag_of(row[:-1])) for row in connection.execute(query)]
    found = [(key, tag) for asked, tag in read for key in asked]
    places = {key: place for place, key in enumerate(keys)}
    return sorted(found, key=lambda pair: (places[pair[0]], pair[1].name))


def _given_of_sources(connection: sa.Connection, pairs: Iterable[tuple[str, str]]) -> sa.Subquery:
    """Return pairs of a key and a name as a table, with the ``source`` of each key."""
    columns = {"key": sa.Text, "source": sa.Text, "name": sa.Text}
    return given(connection, columns, [(key, source_of(key), name) for key, name in pairs])


def _read_given(connection: sa.Connection, asked: sa.Subquery, is_it: sa.ColumnElement[bool]) -> list[tuple[str, Tag]]:
    of_repository = sa.and_(tags.c.repository_id == repositories.c.id, is_it)
    source = asked.join(repositories, repositories.c.key == asked.c.source).join(tags, of_repository)
    query = sa.select(*_TAG, asked.c.key).select_from(source)
    return [(row[-1], tag_of(row[:-1])) for row in connection.execute(query)]


def _since(
    connection: sa.Connection,
    table: sa.Table,
    name: sa.Column[Any],
    seen: Mapping[str, int],
    keeper: Callable[[str], str] = source_of,
) -> dict[str, list[str]]:
    """Read the names of a table's rows that came after the revisions, by repository; ``keeper`` says whose they are."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in connection.execute(_later(connection, table, seen, keeper, name)):
        found[key].append(value)
    return found


def _events_since(connection: sa.Connection, seen: Mapping[str, int]) -> dict[str, list[TagEvent]]:
    """Read the events of tags that came after the revisions, by repository, oldest first."""
    found: dict[str, list[TagEvent]] = defaultdict(list)
    for row in connection.execute(
        _later(connection, tag_events, seen, source_of, tag_events).order_by(tag_events.c.id)
    ):
        found[row.key].append(event_of(row))
    return found


def _later(
    connection: sa.Connection,
    table: sa.Table,
    seen: Mapping[str, int],
    keeper: Callable[[str], str],
    *columns: sa.Column[Any] | sa.Table,
) -> sa.Select[Any]:
    """Select columns of a table's rows that came after the revisions."""
    rows = [(key, keeper(key), revision) for key, revision in seen.items()]
    known = given(connection, {"key": sa.Text, "keeper": sa.Text, "revision": sa.BigInteger}, rows)
    of_table = sa.and_(table.c.repository_id == repositories.c.id, table.c.recorded > known.c.revision)
    source = known.join(repositories, repositories.c.key == known.c.keeper).join(table, of_table)
    return sa.select(known.c.key, *columns).select_from(source)
