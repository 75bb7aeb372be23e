"""The conditions that select the wanted releases, such that their indexes are used."""

from datetime import UTC, datetime

import sqlalchemy as sa

from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.releases import ReleaseState
from bot.store.membership import one_of, one_selected
from bot.store.rows import LEFT_OUT
from bot.store.schema import releases, repositories

IS_COUNTED = releases.c.state.not_in((ReleaseState.WITHDRAWN.value, LEFT_OUT))
IS_RECOMMENDED = releases.c.state.not_in((ReleaseState.WITHDRAWN.value, LEFT_OUT, ReleaseState.YANKED.value))
# Not found by an index: without statistics SQLite takes a series for rarer than the releases of a month.
SERIES = sa.func.coalesce(releases.c.series, "")
# Nor this: of all time the releases of a series are the fewer ones.
SOME_DATE = sa.func.coalesce(releases.c.date, None)
NEWEST_FIRST = (releases.c.date.desc(), releases.c.order_key.desc())
# So many releases, of whatever repositories, are looked through before each repository is asked for its newest.
_LAST_ONES = 500
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
Conditions = list[sa.ColumnElement[bool]]


def of_rule(rule: ReleaseRule, wanted: Wanted, series: sa.ColumnElement[str] = releases.c.series) -> Conditions:
    """Return the conditions of one rule of the wanted releases: its repositories, kinds and series."""
    known = one_of(repositories.c.key, rule.repositories)
    return [known, *of_kinds(rule, wanted), *of_series(rule, series)]


def known(rule: ReleaseRule) -> sa.Select[int]:
    """Return the query of the numbers of a rule's repositories."""
    return sa.select(repositories.c.id).where(one_of(repositories.c.key, rule.repositories))


def of_series(rule: ReleaseRule, series: sa.ColumnElement[str]) -> Conditions:
    """Return the condition on the series of the wanted releases, none where the rule names none."""
    return [one_of(series, sorted(rule.series))] if rule.series else []


def of_kinds(rule: ReleaseRule, wanted: Wanted) -> Conditions:
    """Return the conditions on the kind of the wanted releases, and on those that are not counted."""
    conditions: Conditions = [releases.c.kind.in_(sorted(kind.value for kind in rule.kinds))]
    return conditions if wanted.with_withdrawn else [*conditions, IS_COUNTED]


def dated(rule: ReleaseRule, wanted: Wanted) -> Conditions:
    """Return the conditions of one rule of the wanted releases, and on their dates."""
    return [*of_rule(rule, wanted), *within(wanted)]


def within(wanted: Wanted) -> Conditions:
    """Return the conditions on the dates of the wanted releases."""
    date = releases.c.date
    return [date < wanted.until] if wanted.since is None else [date < wanted.until, date >= wanted.since]


def positions(wanted: Wanted) -> dict[str, int]:
    """Return the position of each of the wanted repositories."""
    return {key: place for place, key in enumerate(wanted.repositories)}


def among_newest(connection: sa.Connection, rule: ReleaseRule, wanted: Wanted, most: int | None) -> Conditions:
    """Return the conditions on the ``most`` newest releases, so that SQLite reads few others of many repositories.

    PostgreSQL finds them by date itself.
    """
    if most is None or len(rule.repositories) <= most or connection.dialect.name != "sqlite":
        return dated(rule, wanted)
    if rule.series and wanted.since is None:
        named = [*of_rule(rule, wanted), wanted.until > SOME_DATE]
        numbers = sa.select(releases.c.id).join_from(releases, repositories).where(*named)
        return [one_selected(releases.c.id, numbers.order_by(*NEWEST_FIRST, repositories.c.key).limit(most))]
    dates = (_date_among_last(rule, wanted, most), _date_reached(rule, wanted, most))
    reached = sa.func.coalesce(*dates, wanted.since or _FIRST_MOMENT)
    return [*of_rule(rule, wanted), releases.c.date < wanted.until, releases.c.date >= reached]


def _date_among_last(rule: ReleaseRule, wanted: Wanted, most: int) -> sa.ScalarSelect[datetime]:
    """Return the date that ``most`` releases are of or after, NULL where the last ones of all hold fewer of these."""
    last = sa.select(releases.c.id).where(*within(wanted)).order_by(releases.c.date.desc()).limit(_LAST_ONES)
    among = sa.select(releases.c.date).where(one_selected(releases.c.id, last))
    of_each = one_selected(releases.c.repository_id, known(rule))
    named = among.where(of_each, *of_kinds(rule, wanted), *of_series(rule, releases.c.series))
    return named.order_by(releases.c.date.desc()).offset(most - 1).limit(1).scalar_subquery()


def _date_reached(rule: ReleaseRule, wanted: Wanted, most: int) -> sa.ScalarSelect[datetime]:
    """Return the date that ``most`` repositories have a release of or after, NULL where fewer have any.

    It is found by one step in the index for each; what is older is not among the ``most`` newest.
    """
    newest = sa.select(sa.func.max(releases.c.date)).where(releases.c.repository_id == repositories.c.id)
    newest = newest.where(*of_kinds(rule, wanted), *of_series(rule, releases.c.series), *within(wanted))
    of_each = newest.correlate(repositories).scalar_subquery().label("date")
    dates = sa.select(of_each).where(one_of(repositories.c.key, rule.repositories)).subquery()
    reached = sa.select(dates.c.date).order_by(dates.c.date.desc().nulls_last())
    return reached.offset(most - 1).limit(1).scalar_subquery()
