"""What is watched beside the configuration file: changes that people made, and the repositories of organisations."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.organisations import GONE_AFTER, Listed, Listing, Member
from bot.domain.watch_rules import WatchRules, rules_from
from bot.domain.watchlist import Additions, WatchChange, WatchKind
from bot.store.database import Database, insert
from bot.store.membership import one_of
from bot.store.rows import Values
from bot.store.schema import organisation_members, organisations, repositories, watch_changes

# The rules that have columns of their own; the others are an object in JSON.
_COLUMNS = ("scheme", "prefix", "counts")


class WatchlistStore:
    """The recorded changes to what is watched, and the members of organisations as they were listed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, change: WatchChange) -> WatchChange:
        """Record a change to what is watched, and return it with the number that it got."""
        with self._database.writing() as connection:
            return insert_change(connection, change)

    def additions(self) -> Additions:
        """Read every change, oldest first, and the members of every organisation by path."""
        with self._database.reading() as connection:
            changes = connection.execute(sa.select(watch_changes).order_by(watch_changes.c.id))
            members: dict[str, list[Member]] = {}
            ordered = sa.select(organisation_members).order_by(organisation_members.c.path)
            for row in connection.execute(ordered):
                members.setdefault(row.organisation, []).append(_member_of(row))
            return Additions(
                tuple(_change_of(row) for row in changes), {key: tuple(found) for key, found in members.items()}
            )

    def listings(self) -> dict[str, Listing]:
        """Read when each organisation was listed, by its key."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(organisations))
            return {row.key: Listing(row.listed_at, row.tried_at, row.error) for row in rows}

    def write_listing(self, organisation: str, listed: Sequence[Listed], at: datetime) -> None:
        """Record what is below an organisation now: new ones come, those that are missing are counted as missed.

        One that was renamed goes at once, and what was kept of it holds for its new path.
        """
        with self._database.writing() as connection:
            table = organisation_members
            own = table.c.organisation == organisation
            held = {row.path: row for row in connection.execute(sa.select(table).where(own))}
            present = {each.path: each for each in listed}
            new = [each for path, each in present.items() if path not in held]
            before = _renamed(connection, organisation, new, [path for path in held if path not in present])
            gone = set(before.values())
            for path, row in held.items():
                missed = GONE_AFTER if path in gone else row.missed + 1
                now = 0 if path in present else missed
                if now != row.missed:
                    connection.execute(sa.update(table).where(own, table.c.path == path).values(missed=now))
            rows = [_member(organisation, each, held.get(before.get(each.path, ""))) for each in new]
            if rows:
                connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)
            _mark(connection, organisation, {"listed_at": at, "tried_at": at, "error": None})

    def write_listing_failure(self, organisation: str, at: datetime, error: str) -> None:
        """Record why an organisation could not be listed; what was listed before stays."""
        with self._database.writing() as connection:
            _mark(connection, organisation, {"tried_at": at, "error": error})

    def write_fit(self, organisation: str, path: str, rules: WatchRules, *, is_doubtful: bool) -> None:
        """Record by which rules a member of an organisation is watched, and whether its tags fit them badly."""
        with self._database.writing() as connection:
            table = organisation_members
            own = sa.and_(table.c.organisation == organisation, table.c.path == path)
            written = json.dumps(asdict(rules))
            connection.execute(sa.update(table).where(own).values(rules=written, is_doubtful=is_doubtful))


def insert_change(connection: sa.Connection, change: WatchChange) -> WatchChange:
    """Record a change, and return it with the number that it got."""
    given = asdict(change.rules)
    values = {
        "at": change.at,
        "who": change.who,
        "kind": change.kind.value,
        "target": change.target,
        "undoes": change.undoes,
        **{name: given["tags"].pop(name) for name in _COLUMNS},
        "rules": json.dumps(given),
    }
    number = connection.scalar(sa.insert(watch_changes).values(values).returning(watch_changes.c.id))
    return replace(change, number=number or 0)


def _change_of(row: sa.Row[Any]) -> WatchChange:
    given = json.loads(row.rules)
    tags = {**given.get("tags", {}), **{name: getattr(row, name) for name in _COLUMNS}}
    return WatchChange(
        number=row.id,
        at=row.at,
        who=row.who,
        kind=WatchKind(row.kind),
        target=row.target,
        rules=rules_from({**given, "tags": tags}),
        undoes=row.undoes,
    )


def _member_of(row: sa.Row[Any]) -> Member:
    listed = Listed(row.path, row.is_fork, row.is_archived)
    return Member(listed, rules_from(json.loads(row.rules)) if row.rules else None, row.is_doubtful, row.missed)


def _renamed(
    connection: sa.Connection, organisation: str, new: Sequence[Listed], missing: Sequence[str]
) -> dict[str, str]:
    """Return the path before of each new repository that has the id of a missing one."""
    if not new or not missing:
        return {}
    forge = organisation.partition(":")[0]
    paths = {f"{forge}:{path}": path for path in missing}
    query = sa.select(repositories.c.key, repositories.c.identity).where(one_of(repositories.c.key, paths))
    before = {row.identity: paths[row.key] for row in connection.execute(query) if row.identity}
    return {each.path: before[each.identity] for each in new if each.identity in before}


def _member(organisation: str, listed: Listed, before: sa.Row[Any] | None) -> Values:
    """Make the row of a new member; the flags and rules of one that was renamed are those of the row before."""
    return {
        "organisation": organisation,
        "path": listed.path,
        "is_fork": before.is_fork if before else listed.is_fork,
        "is_archived": before.is_archived if before else listed.is_archived,
        "rules": before.rules if before else "",
        "is_doubtful": before.is_doubtful if before else False,
        "missed": 0,
    }


def _mark(connection: sa.Connection, organisation: str, values: dict[str, datetime | str | None]) -> None:
    new = insert(connection, organisations).values(key=organisation, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=values))
