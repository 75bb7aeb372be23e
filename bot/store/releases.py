"""Releases and unclassified tags: made of a repository's tags, read by repository, date, version and series."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally
from bot.domain.filters import ReleaseRule, Uncertain, Wanted, uncertain
from bot.domain.origins import Origins
from bot.domain.releases import Key, Release, ReleaseState
from bot.domain.repositories import source_of
from bot.domain.tags import DateSource
from bot.domain.versions.version import ReleaseKind
from bot.store.database import Database
from bot.store.kept_counts import are_kept, kept_of
from bot.store.leading_releases import IS_FINAL, every_line, highest, highest_of_each, leading_of, lines_of, of_each
from bot.store.membership import given_pairs, one_of, one_selected
from bot.store.origins import read_origins
from bot.store.rows import OF_A_RELEASE, release_of
from bot.store.schema import IS_LIVE, counts_by_kind, counts_by_series, releases, repositories, unclassified_tags
from bot.store.tallies import read_tally
from bot.store.wanted import (
    IS_COUNTED,
    IS_RECOMMENDED,
    NEWEST_FIRST,
    SERIES,
    SOME_DATE,
    among_earliest,
    among_newest,
    dated,
    known,
    of_kinds,
    of_rule,
    of_series,
    positions,
    within,
)

# Of fewer series the first dates are found as fast as whether others are kept.
_MANY_SERIES = 100


class ReleaseStore:
    """The releases of repositories, and the tags that none of their rules reads; written by polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(
        self,
        repositories: Iterable[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        undated: bool = False,
    ) -> list[Release]:
        """Read releases dated from ``since`` to before ``until``, by repository as asked, then version.

        Releases without a date come along only with ``undated``.
        """
        keys = list(repositories)
        places = {key: place for place, key in enumerate(keys)}
        with self._database.reading() as connection:
            found = [
                release for is_it in _dated(since, until, undated=undated) for release in _read(connection, keys, is_it)
            ]
        return sorted(found, key=lambda release: (places[release.repository], release.order))

    def of_lines(self, lines: Iterable[tuple[str, str]]) -> list[Release]:
        """Read the dated releases of series, each given after its repository, in order of version."""
        wanted = frozenset(lines)
        if not wanted:
            return []
        with self._database.reading() as connection:
            is_it = one_of(releases.c.series, {name for _, name in wanted})
            found = _read(connection, list({key for key, _ in wanted}), is_it, releases.c.date.is_not(None))
        named = [release for release in found if (release.repository, release.series) in wanted]
        return sorted(named, key=lambda release: (release.repository, release.order))

    def dated_since(self, repositories: Iterable[str], moment: datetime) -> list[Release]:
        """Read releases that no backfill brought and that are dated from a moment on, or not dated."""
        keys, date = list(repositories), releases.c.date
        # One query for each: joined by OR, they would not use the index.
        conditions = (date >= moment, date.is_(None))
        with self._database.reading() as connection:
            return [release for is_it in conditions for release in _read(connection, keys, IS_LIVE, is_it)]

    def seen_since(self, repositories: Iterable[str], moment: datetime) -> list[Release]:
        """Read releases that no backfill brought and that were first seen from a moment on."""
        with self._database.reading() as connection:
            return _read(connection, list(repositories), IS_LIVE, releases.c.first_seen >= moment)

    def versions(self, versions: Iterable[tuple[str, str]]) -> list[Release]:
        """Read releases by repository and normalized version; those that are not there are left out."""
        with self._database.reading() as connection:
            asked = given_pairs(connection, frozenset(versions))
            is_it = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.normalized == asked.c.name)
            source = asked.join(repositories, repositories.c.key == asked.c.key).join(releases, is_it)
            return [release_of(row) for row in connection.execute(sa.select(*OF_A_RELEASE).select_from(source))]

    def preceding(self, versions: Collection[Key]) -> dict[Key, Release]:
        """Read the release that precedes each in its series: the next lower version that is not withdrawn.

        Before a final one that is the last final one, or the last pre-release where there is none; the first release
        of a series is left out.
        """
        if not versions:
            return {}
        with self._database.reading() as connection:
            asked, before = given_pairs(connection, frozenset(versions)), releases.alias("before")
            is_it = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.normalized == asked.c.name)
            source = asked.join(repositories, repositories.c.key == asked.c.key).join(releases, is_it)
            of_series = sa.select(before.c.id).where(
                before.c.repository_id == releases.c.repository_id,
                before.c.series == releases.c.series,
                before.c.order_key < releases.c.order_key,
                before.c.state != ReleaseState.WITHDRAWN.value,
            )
            last = of_series.order_by(before.c.order_key.desc()).limit(1)
            last_final = last.where(IS_FINAL, before.c.kind != ReleaseKind.PRE_RELEASE.value)
            number = sa.func.coalesce(last_final.scalar_subquery(), last.scalar_subquery()).label("before")
            query = sa.select(asked.c.key, asked.c.name, number).select_from(source)
            numbers = {(row.key, row.name): row.before for row in connection.execute(query) if row.before is not None}
            of_number = sa.select(releases.c.id.label("number"), *OF_A_RELEASE).join_from(releases, repositories)
            found = connection.execute(of_number.where(one_of(releases.c.id, sorted(set(numbers.values())))))
            by_number = {number: release_of(columns) for number, *columns in found}
            return {key: by_number[number] for key, number in numbers.items()}

    def tally(self, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
        """Count the wanted releases by series and kind, and by repository and calendar unit where the units say so.

        Calendar units are those of the zone.
        """
        with self._database.reading() as connection:
            return read_tally(connection, wanted, units, zone)

    def origins(self, wanted: Wanted) -> Origins:
        """Count the wanted releases by the source of their dates, and by what became of their tags."""
        with self._database.reading() as connection:
            return read_origins(connection, wanted)

    def newest(self, wanted: Wanted, most: int | None = None) -> list[Release]:
        """Read the wanted releases, the newest by date first, at most ``most``."""
        with self._database.reading() as connection:
            query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
            query = query.order_by(*NEWEST_FIRST, repositories.c.key).limit(most)
            found = [
                release_of(row)
                for rule in wanted.rules
                for row in connection.execute(query.where(*among_newest(connection, rule, wanted, most)))
            ]
            newest_first = sorted(found, key=lambda release: (release.date, release.order), reverse=True)
            return newest_first[:most]

    def earliest(self, wanted: Wanted, most: int) -> list[Release]:
        """Read the ``most`` first of the wanted releases by date, the first in front."""
        with self._database.reading() as connection:
            query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
            query = query.order_by(releases.c.date, releases.c.order_key, repositories.c.key).limit(most)
            found = [
                release_of(row)
                for rule in wanted.rules
                for row in connection.execute(query.where(*among_earliest(connection, rule, wanted, most)))
            ]
            return sorted(found, key=lambda release: (release.date, release.order))[:most]

    def dates(self, wanted: Wanted) -> list[datetime]:
        """Read the dates of the wanted releases, in the order of time."""
        with self._database.reading() as connection:
            query = sa.select(releases.c.date).join_from(releases, repositories)
            found = [
                date
                for rule in wanted.rules
                for date in connection.scalars(query.where(*dated(rule, wanted)))
                if date is not None
            ]
            return sorted(found)

    def leading(self, wanted: Wanted) -> list[Release]:
        """Read the highest version of each series among the wanted releases, by repository as asked, then version."""
        with self._database.reading() as connection:
            found: list[Release] = []
            for rule in wanted.rules:
                line = lines_of(connection, rule) if rule.series else every_line(rule.repositories)
                number = highest(line, *of_kinds(rule, wanted), *within(wanted), IS_RECOMMENDED)
                found += _read_by_number(connection, of_each(connection, line, number))
            places = positions(wanted)
            return sorted(found, key=lambda release: (places[release.repository], release.order))

    def newest_of_each(self, wanted: Wanted) -> list[Release]:
        """Read the newest by date of each repository's wanted releases, yanked ones left out.

        Each is found by one step in the index.
        """
        with self._database.reading() as connection:
            found: list[Release] = []
            for rule in wanted.rules:
                of_each = sa.select(releases.c.id).where(releases.c.repository_id == repositories.c.id)
                of_each = of_each.where(*of_kinds(rule, wanted), *of_series(rule, releases.c.series), *within(wanted))
                of_each = of_each.where(IS_RECOMMENDED)
                newest = of_each.order_by(*NEWEST_FIRST).limit(1).correlate(repositories).scalar_subquery()
                line = sa.select(newest.label("id")).where(one_of(repositories.c.key, rule.repositories)).subquery()
                numbers = [number for number in connection.scalars(sa.select(line.c.id)) if number is not None]
                found += _read_by_number(connection, numbers)
            return found

    def leading_of_living(self, keys: Sequence[str], *, since: datetime, until: datetime) -> list[Release]:
        """Read the leading release of each series that had one in an interval, among those dated before its end.

        The highest final version leads, the highest pre-release where there is none. Of a repository none of whose
        leading releases is in the interval, the highest of these is read too.
        """
        with self._database.reading() as connection:
            is_past = (IS_COUNTED, releases.c.date < until)
            leads = (IS_RECOMMENDED, releases.c.date < until)
            line = (releases.c.repository_id, releases.c.series)
            living = sa.select(*line).distinct().join_from(releases, repositories)
            living = living.where(one_of(repositories.c.key, keys), *is_past, releases.c.date >= since)
            found = _read_by_number(connection, leading_of(connection, living.subquery("line"), leads))
            awake = {release.repository for release in found if release.date is not None and release.date >= since}
            resting = every_line([key for key in keys if key not in awake])
            return [
                *found,
                *_read_by_number(connection, highest_of_each(connection, leading_of(connection, resting, leads))),
            ]

    def undated(self, wanted: Wanted) -> int:
        """Count the releases that would be wanted if their dates were known."""
        with self._database.reading() as connection:
            return sum(int(connection.scalar(_undated(rule, wanted)) or 0) for rule in wanted.rules)

    def uncertain(self, wanted: Wanted) -> Uncertain:
        """Return how many releases have no known date, and which may belong to the other side of an edge.

        Both are asked for with every count, by one statement for each rule; another reads what is near an edge, if any.
        """
        undated, near = 0, list[int]()
        with self._database.reading() as connection:
            for rule in wanted.rules:
                rows = connection.execute(_uncertain(rule, wanted)).all()
                undated += int(rows[0].number or 0)
                near += [row.near for row in rows if row.near is not None]
            found = _read_by_number(connection, near) if near else []
        return uncertain(undated, found, wanted)

    def undated_of(self, keys: Iterable[str]) -> dict[str, int]:
        """Count the releases whose dates are not known, by repository; one without any is left out."""
        with self._database.reading() as connection:
            undated = counts_by_kind.c.undated
            query = sa.select(repositories.c.key, sa.func.sum(undated)).join_from(counts_by_kind, repositories)
            query = query.where(one_of(repositories.c.key, list(keys)), undated > 0).group_by(repositories.c.key)
            return {key: int(number) for key, number in connection.execute(query)}

    def series(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Read every series that the repositories have a release of, each after its repository."""
        with self._database.reading() as connection:
            line = (repositories.c.key, releases.c.series)
            query = (
                sa.select(*line)
                .distinct()
                .join_from(releases, repositories)
                .where(one_of(repositories.c.key, set(keys)))
            )
            return [(row.key, row.series) for row in connection.execute(query.order_by(*line))]

    def series_by_version(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Read every series that the repositories have a release of, as ``series`` does, the lowest version first."""
        with self._database.reading() as connection:
            line = (repositories.c.key, releases.c.series)
            lowest = sa.func.min(releases.c.order_key)
            query = sa.select(*line).join_from(releases, repositories).where(one_of(repositories.c.key, set(keys)))
            found = connection.execute(query.group_by(*line).order_by(repositories.c.key, lowest))
            return [(row.key, row.series) for row in found]

    def known_series(
        self, lines: Collection[tuple[str, str]], until: datetime | None = None
    ) -> dict[tuple[str, str], datetime | None]:
        """Return those of the series, each after its repository, that have a release, with the date of the first.

        The date is None where no release of the series has one. Of many series, any date before ``until`` that is kept
        with their numbers is returned instead: it is found sooner.
        """
        if not lines:
            return {}
        with self._database.reading() as connection:
            kept = {} if until is None or len(lines) < _MANY_SERIES else _kept_before(connection, lines, until)
            return kept | _first_dates(connection, frozenset(lines).difference(kept))

    def unclassified(self, keys: Iterable[str], since: datetime | None, until: datetime) -> dict[str, int]:
        """Count the unclassified tags that are dated from ``since`` to before ``until``, or not dated, by repository.

        A repository without any is left out. Products share their repository's, which stand under the first of them.
        """
        first = _first_of_each_source(keys)
        with self._database.reading() as connection:
            date = unclassified_tags.c.date
            query = sa.select(repositories.c.key, sa.func.count().label("number")).join_from(
                unclassified_tags, repositories
            )
            query = query.where(one_of(repositories.c.key, list(first))).group_by(repositories.c.key)
            dated = [date < until] if since is None else [date >= since, date < until]
            # One SELECT for each, as for releases: joined by OR, they would not use the index.
            both = sa.union_all(*(query.where(*each) for each in (dated, [date.is_(None)])))
            counted = Counter[str]()
            for row in connection.execute(both):
                counted[first[row.key]] += row.number
            return dict(counted)

    def newest_unclassified(
        self, key: str, since: datetime | None, until: datetime, most: int
    ) -> list[tuple[str, datetime | None]]:
        """Read the ``most`` newest unclassified tags of a repository with their dates; those not dated come last."""
        with self._database.reading() as connection:
            name, date = unclassified_tags.c.name, unclassified_tags.c.date
            inside = date < until if since is None else sa.and_(date >= since, date < until)
            query = sa.select(name, date).join_from(unclassified_tags, repositories)
            query = query.where(repositories.c.key == source_of(key), sa.or_(inside, date.is_(None)))
            found = connection.execute(query.order_by(date.desc().nulls_last(), name).limit(most))
            return [(row.name, row.date) for row in found]

    def unclassified_names(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Read the names of the unclassified tags, each after its repository, or the first of its products."""
        first = _first_of_each_source(keys)
        with self._database.reading() as connection:
            query = sa.select(repositories.c.key, unclassified_tags.c.name).join_from(unclassified_tags, repositories)
            found = connection.execute(query.where(one_of(repositories.c.key, list(first))))
            return [(first[row.key], row.name) for row in found]


def _kept_before(
    connection: sa.Connection, lines: Collection[tuple[str, str]], until: datetime
) -> dict[tuple[str, str], datetime | None]:
    """Read the last dates of those series whose releases are all dated before a moment."""
    kept, wanted = counts_by_series.c, frozenset(lines)
    keys, names = (list(dict.fromkeys(each)) for each in zip(*lines, strict=True))
    query = sa.select(repositories.c.key, kept.series, sa.func.min(kept.last))
    query = query.join_from(counts_by_series, repositories).group_by(repositories.c.id, kept.series)
    query = query.where(one_of(repositories.c.key, keys), one_of(kept.series, names), kept.last < until)
    return {(key, name): last for key, name, last in connection.execute(query) if (key, name) in wanted}


def _first_dates(
    connection: sa.Connection, lines: Collection[tuple[str, str]]
) -> dict[tuple[str, str], datetime | None]:
    """Read the first dates of those series that have a release."""
    if not lines:
        return {}
    line = given_pairs(connection, lines)
    of_line = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.series == line.c.name)
    # Both by one step in the index for each series.
    first = sa.select(sa.func.min(releases.c.date)).where(of_line).scalar_subquery().label("first")
    query = sa.select(line, first).join_from(line, repositories, repositories.c.key == line.c.key)
    found = connection.execute(query.where(sa.exists(sa.select(releases.c.id).where(of_line))))
    return {(key, name): date for key, name, date in found}


def _first_of_each_source(keys: Iterable[str]) -> dict[str, str]:
    """Return the first key of each repository, by the repository."""
    first: dict[str, str] = {}
    for key in keys:
        first.setdefault(source_of(key), key)
    return first


def _undated(rule: ReleaseRule, wanted: Wanted) -> sa.Select[Any]:
    """Select the number of undated releases."""
    if are_kept(rule, wanted):
        number = sa.func.sum(counts_by_kind.c.undated).label("number")
        return sa.select(number).where(*kept_of(rule, counts_by_kind))
    having = sa.select(counts_by_kind.c.repository_id).where(
        *kept_of(rule, counts_by_kind), counts_by_kind.c.undated > 0
    )
    # Kept numbers say which repositories have any; they leave withdrawn ones out.
    those = known(rule) if wanted.with_withdrawn else having
    query = sa.select(sa.func.count().label("number")).select_from(releases)
    query = query.where(*of_kinds(rule, wanted), *of_series(rule, releases.c.series), releases.c.date.is_(None))
    return query.where(one_selected(releases.c.repository_id, those))


def _uncertain(rule: ReleaseRule, wanted: Wanted) -> sa.Select[Any]:
    """Select the number of undated releases, beside the id of each whose bounds hold an edge, or beside NULL."""
    undated = _undated(rule, wanted).subquery("undated")
    is_bound = releases.c.date_source.in_((DateSource.COMMIT.value, DateSource.TAGGER.value))
    live = sa.select(releases.c.id.label("near")).join_from(releases, repositories)
    live = live.where(*of_rule(rule, wanted, SERIES), IS_LIVE, is_bound)
    # One SELECT for each edge, each found by when its releases were first seen.
    held = (live.where(releases.c.first_seen >= edge, edge > SOME_DATE) for edge in wanted.edges)
    near = sa.union_all(*held).subquery("near")
    return sa.select(undated.c.number, near.c.near).select_from(undated.outerjoin(near, sa.true()))


def _dated(since: datetime | None, until: datetime | None, *, undated: bool) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on the date, one for each query: joined by OR, they would not use the index."""
    date = releases.c.date
    bounds: list[sa.ColumnElement[bool]] = [date.is_not(None)]
    if since is not None:
        bounds.append(date >= since)
    if until is not None:
        bounds.append(date < until)
    return [sa.and_(*bounds), date.is_(None)] if undated else [sa.and_(*bounds)]


def _read(connection: sa.Connection, keys: Sequence[str], *conditions: sa.ColumnElement[bool]) -> list[Release]:
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(one_of(repositories.c.key, keys))
    return [release_of(row) for row in connection.execute(query.where(*conditions))]


def _read_by_number(connection: sa.Connection, numbers: Collection[int]) -> list[Release]:
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(one_of(releases.c.id, numbers))
    return [release_of(row) for row in connection.execute(query)]
