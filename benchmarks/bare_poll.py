"""A first poll without the bot, in a process of its own: requests, json and sqlite3 in one loop, for the same rows.

The database, the forge's address and the repositories are its arguments; it prints JSON. What it leaves out is what the
bot is for: it checks nothing, and a repository that is not as expected ends it.
"""

import json
import re
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import local
from typing import Any

import requests

from benchmarks.forge import TOKEN
from bot.forges.github.dates import objects_query

_BATCHES = 4
_AT_ONCE = 32
_NAME = re.compile(r"v([0-9]+)r([0-9]+)p([0-9]+)")
_TAGS = """INSERT INTO tags (repository_id, name, target, annotated, detailed, "commit", published, tagger, committed,
    first_seen, last_seen, backfilled, state, is_flagged, moved_at, first_date, recorded)
    VALUES (?, ?, ?, ?, 1, ?, NULL, NULL, ?, ?, NULL, 1, 'current', 0, NULL, ?, 1)"""
_RELEASES = """INSERT INTO releases (repository_id, normalized, version, series, kind, order_key, date, date_source,
    first_seen, backfilled, "commit", tags, url, state, is_flagged, upcoming, recorded, first_date, yanked, notes_url)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'commit', ?, 1, ?, ?, ?, 'current', 0, NULL, 1, ?, NULL, NULL)"""
_of_thread = local()


def run(database: str, url: str, paths: list[str]) -> None:
    """Poll the repositories, write their rows, and tell what it took."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    work = time.process_time()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        tags = sum(_write(connection, url, path, *found) for path, found in threads.map(lambda p: _ask(url, p), paths))
    print(json.dumps({"busy_seconds": time.process_time() - work, "tags": tags}))


def _ask(url: str, path: str) -> tuple[str, tuple[list[Any], dict[str, Any]]]:
    session: requests.Session = _of_thread.__dict__.setdefault("session", requests.Session())
    session.headers["Authorization"] = f"token {TOKEN}"
    refs = session.get(f"{url}/repos/{path}/git/matching-refs/tags/", timeout=60).json()
    owner, _, name = path.partition("/")
    oids = [ref["object"]["sha"] for ref in refs]
    objects: dict[str, Any] = {}
    step = -(-len(oids) // _BATCHES)
    for start in range(0, len(oids), step):
        batch = oids[start : start + step]
        variables: dict[str, Any] = {"owner": owner, "name": name, "releases": start == 0, "count": 100, "after": None}
        variables |= {f"o{number}": oid for number, oid in enumerate(batch)}
        body: dict[str, Any] = {"query": objects_query(len(batch)), "variables": variables}
        found = session.post(f"{url}/graphql", json=body, timeout=60).json()["data"]["repository"]
        objects |= {found[f"o{number}"]["oid"]: found[f"o{number}"] for number in range(len(batch))}
    return path, (refs, objects)


def _write(connection: sqlite3.Connection, url: str, path: str, refs: list[Any], objects: dict[str, Any]) -> int:
    at = _stored(datetime.fromtimestamp(time.time(), UTC))
    tags, releases = [], []
    connection.execute("BEGIN IMMEDIATE")
    row = (f"github:{path}", 1, "bare", at, at, at, len(refs))
    number = connection.execute(
        "INSERT INTO repositories (key, revision, rules, polled_at, complete_at, backfilled_at, tag_count) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    ).lastrowid
    for ref in refs:
        name, target, is_annotated = ref["ref"][10:], ref["object"]["sha"], ref["object"]["type"] == "tag"
        date = _stored(datetime.fromisoformat(objects[target]["committedDate"]))
        tags.append((number, name, target, is_annotated, target, date, at, date))
        major, minor, patch = map(int, _NAME.fullmatch(name).groups())  # type: ignore[union-attr]
        kind = "patch" if patch else "minor" if minor else "major"
        order = "".join(f"{len(str(part)):02d}{part}" for part in (major, minor, patch)) + "~"
        page = f"{url}/{path}/releases/tag/{name}"
        numbers = (f"{major}.{minor}.{patch}", name, f"v{major}r{minor}", kind, order)
        releases.append((number, *numbers, date, at, target, json.dumps([name]), page, date))
    connection.executemany(_TAGS, tags)
    connection.executemany(_RELEASES, releases)
    connection.execute("COMMIT")
    return len(tags)


def _stored(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds")[:26]


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], sys.argv[3:])
