"""Counting among a million tags: a month by series, all time by month; against the same numbers by raw SQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.common import Line, medians, tell
from benchmarks.databases import BOTH, POSTGRESQL, SQLITE, Raw, new_database, raw_sql
from benchmarks.population import AS_OF, PARIS, TAGS_OF_DIRAC, fill, make_repositories
from bot.domain.counts import GroupBy
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.repositories import Repository
from bot.queries.base import QueryContext, Watched, run
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.store.store import Store

JUNE = Period(datetime(2020, 6, 1, tzinfo=PARIS), datetime(2020, 7, 1, tzinfo=PARIS), PARIS)

_REPOSITORIES = 900
_REPEATS = 15
_COUNT = (
    "SELECT series, count(*) FROM releases"
    " WHERE kind = 'patch' AND state <> 'withdrawn' AND date >= :begin AND date < :after"
    " AND repository_id IN (SELECT id FROM repositories WHERE id = :number OR :number = 0) GROUP BY series"
)
# The month of a release by each database, and the index that finds all of them by it.
_MONTHS = {SQLITE: "substr(date, 1, 7)", POSTGRESQL: "date_trunc('month', date AT TIME ZONE 'UTC')"}
_ORDINARY = "kind = 'patch' AND state <> 'withdrawn'"


def count(repositories: Sequence[Repository], store: Store) -> dict[str, int]:
    """Count the month by series, as ``release-bot count --by series`` does."""
    context = QueryContext(store, Watched(repositories), AS_OF, timedelta(hours=2), is_brief=True)
    counted = run(Count(Filters(span=Span(JUNE.start, JUNE.end)), (GroupBy.SERIES,), most=0), context)
    [table] = counted.tables()
    return {series.text: int(number.text) for series, number in table.rows}


def count_raw(raw: Raw, number: int = 0) -> dict[str, int]:
    """Count the same by one statement: of all repositories, or of the one with this number."""
    begin, after = (moment_of(raw, moment) for moment in (JUNE.start or JUNE.end, JUNE.end))
    return {str(name): int(count) for name, count in raw.rows(_COUNT, begin=begin, after=after, number=number)}


def measure() -> list[Line]:
    """Make the databases, check that both ways count alike, and take their times."""
    return [line for name in BOTH for line in _measure(name)]


def _measure(name: str) -> list[Line]:
    repositories = make_repositories(_REPOSITORIES)
    with new_database(name) as url:
        fill(url, repositories, TAGS_OF_DIRAC)
        with Store.open(url) as store, raw_sql(url) as raw:
            return [
                _line(f"all of them, {name}", repositories, 0, store, raw),
                _line(f"one of them, {name}", repositories[5:6], 6, store, raw),
                *_all_time(name, repositories, store, raw),
            ]


def _line(which: str, repositories: Sequence[Repository], number: int, store: Store, raw: Raw) -> Line:
    ours, reference = count(repositories, store), count_raw(raw, number)
    if ours != reference or not ours:
        message = f"the counts differ: {ours} by the bot, {reference} by SQL"
        raise AssertionError(message)
    bot, sql = medians(_REPEATS, lambda: count(repositories, store), lambda: count_raw(raw, number))
    how = f"{_size()}; {sum(ours.values()):,} releases, the same by raw SQL; median of {_REPEATS}"
    target = 5 * sql if len(repositories) > 1 else None
    return Line(f"count a month by series, {which}", bot, sql, how, target)


def _all_time(name: str, repositories: Sequence[Repository], store: Store, raw: Raw) -> Iterator[Line]:
    """Count patch releases of all time by month; in UTC, where SQL finds the month by cutting the date."""
    month, until = _MONTHS[name], moment_of(raw, AS_OF.end)
    raw.run(f"CREATE INDEX raw_by_month ON releases (({month}), date) WHERE {_ORDINARY}")
    if not raw.is_sqlite:
        raw.run("VACUUM ANALYZE releases")
    statement = f"SELECT {month}, count(*) FROM releases WHERE {_ORDINARY} AND date < :until GROUP BY 1"

    def count_raw() -> dict[str, int]:
        return {str(month)[:7]: int(number) for month, number in raw.rows(statement, until=until)}

    for zone in (ZoneInfo("UTC"), PARIS):
        as_of = AsOf.at(AS_OF.end, zone)
        context = QueryContext(store, Watched(repositories), as_of, timedelta(hours=2), is_brief=True)

        def count(context: QueryContext = context) -> dict[str, int]:
            [table] = run(Count(Filters(), (GroupBy.MONTH,), most=0), context).tables()
            return {month.text: int(number.text) for month, number in table.rows}

        ours, reference = count(), count_raw()
        if (ours != reference and zone is not PARIS) or sum(ours.values()) != sum(reference.values()):
            message = f"the counts by month differ: {ours} by the bot, {reference} by SQL"
            raise AssertionError(message)
        bot, sql = medians(_REPEATS, count, count_raw)
        how = (
            f"{sum(ours.values()):,} releases in {len(ours)} months of {zone.key}; reference: by month of UTC, with an"
        )
        how += f" index by month; median of {_REPEATS}"
        yield Line(f"count all time by month, {zone.key}, {name}", bot, sql, f"{_size()}; {how}", 10 * sql)


def moment_of(raw: Raw, moment: datetime) -> object:
    """Return a moment as the database compares it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000" if raw.is_sqlite else moment


def _size() -> str:
    return f"{_REPOSITORIES * TAGS_OF_DIRAC:,} tags in {_REPOSITORIES} repositories"


if __name__ == "__main__":
    tell(measure())
