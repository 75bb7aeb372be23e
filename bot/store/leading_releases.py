"""The leading release of each series, found by one step in an index for each."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from bot.domain.filters import ReleaseRule
from bot.domain.versions.version import ReleaseKind
from bot.store.membership import given, one_of
from bot.store.schema import releases, repositories

IS_FINAL = releases.c.kind != ReleaseKind.PRE_RELEASE.value


def highest_of_each(connection: sa.Connection, numbers: Collection[int]) -> list[int]:
    """Return the number of the highest of these releases, of each repository."""
    query = sa.select(releases.c.id, releases.c.repository_id).where(one_of(releases.c.id, numbers))
    ordered = connection.execute(query.order_by(releases.c.order_key))
    return list({row.repository_id: row.id for row in ordered}.values())


def leading_of(
    connection: sa.Connection, line: sa.FromClause, conditions: Iterable[sa.ColumnElement[bool]]
) -> list[int]:
    """Read the number of the highest final release of each series, of its highest pre-release where it has none."""
    final, any_kind = highest(line, *conditions, IS_FINAL), highest(line, *conditions)
    return of_each(connection, line, sa.func.coalesce(final, any_kind))


def of_each(connection: sa.Connection, line: sa.FromClause, number: sa.ColumnElement[int]) -> list[int]:
    """Read the number of one release of each series, where there is one; PostgreSQL would join them by reading all."""
    found: Iterable[int | None] = connection.scalars(sa.select(number).select_from(line))
    return [each for each in found if each is not None]


def highest(line: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Return the number of the highest release of each series that meets the conditions, found by the index."""
    of_line = (releases.c.repository_id == line.c.repository_id, releases.c.series == line.c.series)
    query = sa.select(releases.c.id).where(*of_line, *conditions).order_by(releases.c.order_key.desc())
    return query.limit(1).correlate(line).scalar_subquery()


def every_line(keys: Collection[str]) -> sa.CTE:
    """Return each series of the repositories, found by one step in the index for each."""
    first = sa.select(sa.func.min(releases.c.series)).where(releases.c.repository_id == repositories.c.id)
    begin = sa.select(repositories.c.id.label("repository_id"), first.scalar_subquery().label("series"))
    line = begin.where(one_of(repositories.c.key, keys)).cte("line", recursive=True)
    is_later = (releases.c.repository_id == line.c.repository_id, releases.c.series > line.c.series)
    following = sa.select(sa.func.min(releases.c.series)).where(*is_later).correlate(line).scalar_subquery()
    return line.union_all(sa.select(line.c.repository_id, following).where(line.c.series.is_not(None)))


def lines_of(connection: sa.Connection, rule: ReleaseRule) -> sa.Subquery:
    """Return the series that a rule names, for each of its repositories."""
    series = given(connection, {"name": sa.Text}, [(name,) for name in sorted(rule.series)])
    line = sa.select(repositories.c.id.label("repository_id"), series.c.name.label("series"))
    return (
        line.join_from(repositories, series, sa.true())
        .where(one_of(repositories.c.key, rule.repositories))
        .subquery("line")
    )
