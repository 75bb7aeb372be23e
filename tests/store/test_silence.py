"""A PostgreSQL that stops answering: noticed on this side, the connection cut, and used again when it is back."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic

import pytest
import sqlalchemy as sa

from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.store import Store
from tests.databases import Postgresql
from tests.store.polls import KEY, START

PATIENCE = 0.5


@dataclass
class Proxy:
    """Forwards to PostgreSQL, or while ``is_frozen`` takes everything and forwards nothing."""

    url: str
    is_frozen: Event = field(default_factory=Event)


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    at = sa.make_url(url)
    done = Event()
    open_: list[socket.socket] = []

    def forward(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                while proxy.is_frozen.is_set() and not done.wait(0.01):
                    pass
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                ours, _ = listener.accept()
                theirs = socket.socket(socket.AF_UNIX)
                open_.extend((ours, theirs))
                theirs.connect(f"{at.query['host']}/.s.PGSQL.{at.query.get('port', at.port or 5432)}")
                for pair in ((ours, theirs), (theirs, ours)):
                    Thread(target=forward, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        here = at.set(host="127.0.0.1", port=listener.getsockname()[1], query={})
        proxy = Proxy(here.render_as_string(hide_password=False))
        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield proxy
        finally:
            done.set()
            accepting.join()
            for each in open_:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


@pytest.fixture
def proxy(postgresql: Postgresql) -> Iterator[Proxy]:
    url = postgresql.new()
    with proxied(url) as proxy:
        yield proxy
    postgresql.remove(url)


def test_a_server_that_stops_answering_is_left_and_taken_up_again(proxy: Proxy) -> None:
    url = f"{proxy.url}?connect_timeout=2"
    with Store(Database.at(url, patience=PATIENCE)) as store:
        store.polls.write_failure(KEY, START, "before")
        for ask in (lambda: store.tags.record(KEY), lambda: store.polls.write_failure(KEY, START, "never")):
            proxy.is_frozen.set()
            begun = monotonic()
            with pytest.raises(StoreError) as raised:
                ask()
            assert monotonic() - begun < PATIENCE + 2 + 2
            assert "\n" not in str(raised.value)
            proxy.is_frozen.clear()
            assert store.tags.record(KEY).error == "before"


def write_half(database: Database, proxy: Proxy) -> None:
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE half (number INTEGER)"))
        proxy.is_frozen.set()
        connection.execute(sa.text("INSERT INTO half VALUES (1)"))


def test_a_server_that_stops_within_a_transaction_is_left_and_nothing_of_it_is_written(proxy: Proxy) -> None:
    with closing(Database.at(proxy.url, patience=PATIENCE)) as database:
        begun = monotonic()
        with pytest.raises(StoreError) as raised:
            write_half(database, proxy)
        assert monotonic() - begun < PATIENCE + 2
        assert raised.value.what == "no response in 0.5 s, connection closed"
        assert "check that the server is running" in raised.value.hint
        proxy.is_frozen.clear()
        with database.reading() as connection:
            assert not sa.inspect(connection).has_table("half")


def test_a_step_of_an_upgrade_may_take_longer(proxy: Proxy) -> None:
    with closing(Database.at(proxy.url, patience=0.2)) as database:
        with database.upgrading() as connection:
            connection.execute(sa.text("SELECT pg_sleep(0.4)"))
        with pytest.raises(StoreError), database.writing() as connection:
            connection.execute(sa.text("SELECT pg_sleep(5)"))
