"""The conditions that select the wanted releases, such that their indexes are used."""

from datetime import UTC, datetime

import sqlalchemy as sa

from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.releases import ReleaseState
from bot.store.membership import one_of
from bot.store.rows import LEFT_OUT
from bot.store.schema import releases, repositories

IS_COUNTED = releases.c.state.not_in((ReleaseState.WITHDRAWN.value, LEFT_OUT))
IS_RECOMMENDED = releases.c.state.not_in((ReleaseState.WITHDRAWN.value, LEFT_OUT, ReleaseState.YANKED.value))
# Not found by an index: without statistics SQLite takes a series for rarer than the releases of a month.
SERIES = sa.func.coalesce(releases.c.series, "")
# Nor this: of all time the releases of a series are the fewer ones.
SOME_DATE = sa.func.coalesce(releases.c.date, None)
NEWEST_FIRST = (releases.c.date.desc(), releases.c.order_key.desc())
# So many releases, of whatever repositories, are looked through before each repository is asked for its newest: by the
# index of dates alone, or each by itself where a series is named, which is not in that index.
_LOOKED_THROUGH, _LOOKED_UP = 3_000, 500
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
    if most is None or not _is_narrowed(connection, rule, most):
        return dated(rule, wanted)
    date = releases.c.date
    reached = connection.scalar(_date_among(rule, wanted, most, is_last=True))
    if reached is not None:
        return [*_walked(rule, wanted), date < wanted.until, date >= reached]
    by_each = sa.func.coalesce(_date_reached(rule, wanted, most), wanted.since or _FIRST_MOMENT)
    return [*of_rule(rule, wanted), date < wanted.until, date >= by_each]


def among_earliest(connection: sa.Connection, rule: ReleaseRule, wanted: Wanted, most: int) -> Conditions:
    """Return the conditions on the ``most`` first releases, as ``among_newest`` does on the newest."""
    if not _is_narrowed(connection, rule, most):
        return dated(rule, wanted)
    date = releases.c.date
    reached = connection.scalar(_date_among(rule, wanted, most, is_last=False))
    if reached is None or reached >= wanted.until:
        return dated(rule, wanted)
    return [*_walked(rule, wanted), date <= reached, date >= (wanted.since or _FIRST_MOMENT)]


def _is_narrowed(connection: sa.Connection, rule: ReleaseRule, most: int) -> bool:
    """Return whether it is worth to know the dates of the first or last ones before they are read."""
    return len(rule.repositories) > most and connection.dialect.name == "sqlite"


def _walked(rule: ReleaseRule, wanted: Wanted) -> Conditions:
    """Return the conditions of a rule such that its releases are walked by date, and not found by repository."""
    of_known = sa.func.coalesce(releases.c.repository_id, 0).in_(known(rule))
    return [of_known, *of_kinds(rule, wanted), *of_series(rule, SERIES)]


def _date_among(rule: ReleaseRule, wanted: Wanted, most: int, *, is_last: bool) -> sa.Select[datetime]:
    """Select the date by which there are ``most`` releases, from the first or the last one.

    None is selected where those that are looked through, of whatever repositories, hold fewer.
    """
    date, since = releases.c.date, wanted.since or _FIRST_MOMENT
    order = date.desc() if is_last else date.asc()
    looked_through = _LOOKED_UP if rule.series else _LOOKED_THROUGH
    farthest = sa.select(date).where(*within(wanted)).order_by(order).offset(looked_through).limit(1).scalar_subquery()
    if is_last:
        bounds = [date < wanted.until, date >= sa.func.coalesce(farthest, since)]
    else:
        bounds = [date >= since, date <= sa.func.coalesce(farthest, wanted.until)]
    return sa.select(date).where(*_walked(rule, wanted), *bounds).order_by(order).offset(most - 1).limit(1)


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
