"""What a database of before knew of digests is kept: what was told stays told, and a backfill stays one."""

from contextlib import closing
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.domain.digests.news import Role
from bot.domain.periods.period import AsOf
from bot.domain.tags import DateSource
from bot.services.digests import DigestOrder, make_digest
from bot.store.database import Database
from bot.store.store import Store
from tests.builders import PARIS, a_repository, paris
from tests.whole import every_mention

DIRAC = a_repository()
WEEKLY = DigestOrder("weekly", "#c", "since-last", [DIRAC], schedule="0 9 * * mon")
FIRST, SECOND, THIRD = (paris(f"2021-02-{day}T09:00") for day in ("08", "15", "22"))
SEEN_FIRST = paris("2021-02-01T10:00")


def _tag(name: str, date: str, seen: datetime, *, backfilled: bool) -> dict[str, object]:
    return {
        "repository_id": 1,
        "name": name,
        "target": name,
        "annotated": False,
        "detailed": True,
        "commit": name,
        "published": None,
        "tagger": None,
        "committed": paris(date),
        "first_seen": seen,
        "last_seen": None,
        "backfilled": backfilled,
        "state": "current",
    }


def _in_utc(value: object) -> object:
    """SQLite keeps no offset."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _fill(connection: sa.Connection) -> None:
    meta = sa.MetaData()
    meta.reflect(connection)
    tables = meta.tables
    tables["releases"].c.tags.type = sa.JSON()

    def add(name: str, *rows: dict[str, object]) -> None:
        connection.execute(
            sa.insert(tables[name]), [{key: _in_utc(value) for key, value in row.items()} for row in rows]
        )

    add(
        "repositories",
        {"id": 1, "key": DIRAC.key, "revision": 7, "rules": "", "polled_at": SECOND, "backfilled_at": SEEN_FIRST},
    )
    rows = [
        _tag("v7r1p1", "2021-02-16T10:00", SEEN_FIRST, backfilled=True),
        _tag("v7r1p2", "2021-02-05T10:00", paris("2021-02-05T11:00"), backfilled=False),
        _tag("v7r1p3", "2021-02-12T10:00", paris("2021-02-12T11:00"), backfilled=False),
        _tag("v7r1p5", "2021-02-08T08:00", paris("2021-02-08T08:30"), backfilled=False),
        _tag("v7r1p4", "2021-02-18T10:00", paris("2021-02-18T11:00"), backfilled=False),
    ]
    add("tags", *rows)
    moved = _tag("v7r1p1", "2021-01-10T10:00", SEEN_FIRST, backfilled=True)
    add("tag_events", moved | {"last_seen": SEEN_FIRST, "kind": "moved", "at": paris("2021-02-16T11:00")})
    add(
        "releases",
        *(
            {
                "repository_id": 1,
                "normalized": f"7.1.{str(row['name'])[-1]}",
                "version": row["name"],
                "series": "v7r1",
                "kind": "patch",
                "order_key": str(number),
                "date": row["committed"],
                "date_source": "commit",
                "first_seen": row["first_seen"],
                "backfilled": row["backfilled"],
                "commit": row["commit"],
                "tags": [row["name"]],
                "url": None,
                "state": "current",
            }
            for number, row in enumerate(rows, start=1)
        ),
    )
    for number, (end, name, state) in enumerate([(FIRST, "7.1.2", "sent"), (SECOND, "7.1.3", "dropped")], start=1):
        start = paris(f"2021-02-0{number * 7 - 6}T00:00")
        own = {"period_start": start, "period_end": end.replace(hour=0), "time_zone": "Europe/Paris", "due": end}
        add("digests", own | {"id": number, "name": "weekly", "channel": "#c", "made_at": end, "headline": "x"})
        add("deliveries", {"id": number, "digest_id": number, "state": state, "message": "{}", "key": f"k{number}"})
        add("digest_releases", {"digest_id": number, "repository": DIRAC.key, "normalized": name})


def test_what_was_told_stays_told_and_what_a_backfill_brought_is_no_news(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database, database.writing() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "bot.store:migrations")
        command.upgrade(config, "0009")
        _fill(connection)
    with Store.open(empty_database_url) as store:
        past, mentions = store.digests.past("weekly", "#c", untold=True), every_mention(store, "weekly", "#c")
        assert [(each.slot, each.is_sent) for each in past] == [(FIRST, True), (SECOND, False)]
        assert [store.digests.seen_by(each.id) for each in past] == [{}, {}]
        assert [each.state for each in store.deliveries.in_states(["sent", "dropped"])] == ["sent", "dropped"]
        assert [(each.key[1], each.role, each.dated) for each in mentions] == [
            ("7.1.2", Role.NAMED, (paris("2021-02-05T10:00"), DateSource.COMMIT)),
            # Its digest was dropped before it was posted.
            ("7.1.3", Role.UNNAMED, (paris("2021-02-12T10:00"), DateSource.COMMIT)),
        ]
        changed = {
            each.normalized: each.first_date
            for each in store.releases.of([DIRAC.key])
            if each.backfilled and each.first_date != each.date
        }
        assert changed == {"7.1.1": paris("2021-01-10T10:00")}
        digest = make_digest(WEEKLY, store, AsOf.at(THIRD, PARIS), THIRD)
        assert digest.period.start == FIRST.replace(hour=0)
        assert sorted(release.normalized for release in digest.news) == ["7.1.3", "7.1.4", "7.1.5"]
        assert digest.redated == ()
