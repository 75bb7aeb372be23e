"""Names for shell completion, read without SQLAlchemy, on both databases."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.watchlist import WatchChange, WatchKind
from bot.store.glance import repository_keys, series_names
from bot.store.store import Store
from tests.builders import a_repository, paris, releases
from tests.store.polls import KEY, START, poll, ref

DATES = {"v7r0": paris("2020-01-01T12:00"), "v10r0": paris("2021-01-01T12:00"), "v7r0p1": paris("2021-02-01T12:00")}


def test_repositories_are_those_polled_or_added_and_not_removed(database_url: str) -> None:
    with Store.open(database_url) as store:
        poll(store, START, [], key=KEY)
        poll(store, START, [], key="github:gone/away")
        poll(store, START, [], key=f"{KEY}:17:2021-01-01T00:00:00+00:00")
        for kind, target in (
            (WatchKind.WATCH, "github:a/new"),
            (WatchKind.WATCH, "github:a/*"),
            (WatchKind.UNWATCH, "github:Gone/away"),
        ):
            store.watchlist.add(WatchChange(0, START, "ann", kind, target))
        undone = store.watchlist.add(WatchChange(0, START, "ann", WatchKind.UNWATCH, KEY))
        store.watchlist.add(WatchChange(0, START, "ann", WatchKind.UNDO, KEY, undoes=undone.number))
    assert repository_keys(database_url) == [KEY, "github:a/new"]


def test_series_come_the_highest_version_first(database_url: str) -> None:
    with Store.open(database_url) as store:
        poll(store, START, [ref(name) for name in DATES], releases=releases(a_repository(), DATES))
    assert series_names(database_url) == [(KEY, "v10r0"), (KEY, "v7r0")]


def test_a_missing_database_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="unable to open"):
        repository_keys(f"sqlite:///{tmp_path}/none.db")
    assert not list(tmp_path.iterdir())


def test_what_a_worker_has_just_written_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    with Store.open(url) as store:
        poll(store, START, [])
        assert repository_keys(url) == [KEY]


def test_sqlalchemy_is_not_loaded() -> None:
    heavy = "'sqlalchemy' in sys.modules, 'pydantic' in sys.modules"
    code = f"import sys; from bot.cli.completion import known; print({heavy})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False False\n"
