"""A database and a configuration from before: the same counts afterwards, and nothing told again."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.config.load import load
from bot.demo.recorded.history import load as load_history
from bot.domain.counts import GroupBy
from bot.domain.digests.schedule import all_due
from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import TagDetails, TagRef
from bot.queries.base import QueryContext, Watched
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.services.deliver import DeliverySender
from bot.services.digests import DigestOrder, make_owed
from bot.services.poll import Asked, poll
from bot.store.database import read_url
from bot.store.store import Store
from tests.builders import PARIS, a_repository, paris
from tests.fakes import FakeForge
from tests.services.test_year import Channel, told_by

DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "revision_0009.json").read_text(encoding="utf-8"))
DIRAC = a_repository()
COMDIRAC = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)
LAST_POLL, LOOKED_AT = paris("2021-05-19T12:00"), paris("2021-09-02T12:00")
WEEKLY = DigestOrder("weekly", "#dirac", "last-week", [DIRAC, COMDIRAC], schedule="0 9 * * mon")
PERIODS = {
    "weekly": (paris("2021-05-17T00:00"), paris("2021-08-30T00:00")),
    "monthly": (paris("2021-05-01T00:00"), paris("2021-09-01T00:00")),
}
MONTHLY = DigestOrder("monthly", "#dirac", "last-month", [DIRAC, COMDIRAC], schedule="0 9 1 * *")


@pytest.fixture
def old(empty_database_url: str) -> Iterator[Store]:
    """The database from before, upgraded as it is opened."""
    engine = sa.create_engine(read_url(empty_database_url))
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "bot.store:migrations")
        command.upgrade(config, "0009")
        fill(connection)
    engine.dispose()
    with Store.open(empty_database_url) as store:
        yield store


def fill(connection: sa.Connection) -> None:
    """Write the rows by the schema that the database has, which is not that of today."""
    schema = sa.MetaData()
    schema.reflect(connection)
    for line in (DATA / "revision_0009.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "table" in row:
            table = schema.tables[row.pop("table")]
            connection.execute(sa.insert(table), {name: value_of(table.c[name], row[name]) for name in row})
    if connection.dialect.name == "postgresql":
        for table in schema.sorted_tables:
            if table.autoincrement_column is not None and "id" in table.c:
                last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
                connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last)))


def value_of(column: sa.Column[object], value: object) -> object:
    if isinstance(column.type, sa.DateTime) and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if column.type.timezone else moment.replace(tzinfo=None)
    return datetime.fromisoformat(str(value)).date() if isinstance(column.type, sa.Date) and value else value


def listed_at(moment: datetime) -> dict[TagRef, TagDetails | None]:
    """What the forge lists of DIRAC at a moment: what the old program saw, and what came later."""
    refs: dict[TagRef, TagDetails | None] = {}
    first = paris("2020-06-01T00:00")
    for tag in load_history(DIRAC.path).tags.values():
        if tag.name == "v7r2-pre20" or not first <= tag.committed <= moment:
            continue
        has_moved = tag.name == "v7r0p50"
        target = "ab" * 20 if has_moved else tag.target
        refs[TagRef(tag.name, target, tag.tag_object is not None)] = TagDetails(
            commit=target if has_moved else tag.commit,
            published=paris("2021-03-18T10:00") if tag.name == "v7r1p30" else None,
            tagger=tag.tagged,
            committed=paris("2021-03-24T18:00") if has_moved else tag.committed,
        )
    return refs


def live_on(store: Store, channel: Channel) -> None:
    """Poll DIRAC and post what is owed, from where the old program ended."""
    orders = [WEEKLY, MONTHLY]
    arrivals = [tag.committed for tag in load_history(DIRAC.path).tags.values()]
    due = [moment for order in orders for moment in all_due(order.schedule, PARIS, LAST_POLL, LOOKED_AT)]
    for now in sorted({moment for moment in (*arrivals, *due) if LAST_POLL < moment <= LOOKED_AT}):
        forge = FakeForge(DIRAC=listed_at(now))
        clock = partial(identity, now)
        list(poll([Asked(DIRAC, PollDepth.FULL)], {"github": forge}, store, clock))
        make_owed(orders, store, channel, AsOf.at(now, PARIS))
        DeliverySender(channel, store.deliveries, clock).deliver_all()


def identity(moment: datetime) -> datetime:
    return moment


@pytest.mark.parametrize("repository", [DIRAC, COMDIRAC], ids=lambda repository: repository.name)
def test_the_counts_are_the_same(old: Store, repository: Repository) -> None:
    everything = Count(Filters(kinds=(KindWord.ALL,)), (GroupBy.MONTH, GroupBy.KIND), most=0)
    context = QueryContext(old, Watched((repository,)), AsOf.at(LAST_POLL, PARIS), timedelta(hours=2))
    counted = everything.run(context)
    groups = {"/".join(name for _, name in group.keys): group.count for group in counted.groups if group.count}
    assert groups == EXPECTED["counts"][repository.key]


@pytest.mark.long
def test_what_was_told_is_not_told_again_and_what_comes_is_told_once(old: Store) -> None:
    channel = Channel()
    live_on(old, channel)
    for name in ("weekly", "monthly"):
        assert_told_once(channel, name)


def assert_told_once(channel: Channel, name: str) -> None:
    told = Counter(release for digest in channel.made if digest.name == name for release in told_by(digest))
    before = {release.rpartition(" ")[2] for release in EXPECTED["told"][f"{name} #dirac"]}
    assert before & told.keys() == set()
    assert [release for release, count in told.items() if count > 1] == []
    assert told.keys() == released_between(*PERIODS[name]) - before


def released_between(start: datetime, end: datetime) -> set[str]:
    """The releases of DIRAC that its tags tell of, without the bot."""
    found = (
        DIRAC.scheme.read(tag.name) for tag in load_history(DIRAC.path).tags.values() if start <= tag.committed < end
    )
    return {version.normalized for version in found if version is not None}


def test_the_configuration_from_before_is_understood_as_before() -> None:
    settings = load(DATA / "revision_0009.toml", {})
    assert [(digest.name, digest.period, digest.schedule) for digest in settings.digests] == [
        ("weekly", "last-week", "0 9 * * mon"),
        ("monthly", "last-month", "0 9 1 * *"),
    ]
    assert len(settings.repositories) == 7
