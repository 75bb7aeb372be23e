"""PostgreSQL's connections: one whose server stops answering is given up, however that came about.

The server's own time-outs (``statement_timeout``, ``lock_timeout``) are kept by the server, and a stopped process
still acknowledges what the network brings: only a clock on this side notices it.
"""

from time import monotonic
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL

# How long to wait for a server's answer to a connection, in seconds; the URL may say otherwise.
_CONNECT_SECONDS = 10
# What the kernel does about a peer that is gone: what was sent is to be acknowledged in so many milliseconds, and
# silence is looked into after so many seconds.
_NETWORK = {
    "tcp_user_timeout": 30_000,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# How often psycopg looks for an interruption while it waits, in seconds: its own default.
_INTERVAL = 0.1


class PatientConnection(psycopg.Connection[Any]):
    """A connection on which no answer takes longer than ``patience`` seconds."""

    # Until it is connected ``connect_timeout`` is what bounds it.
    patience: float = 10

    def wait(self, gen: Any, interval: float = _INTERVAL, timeout: float | None = None) -> Any:
        """Wait for an answer; psycopg does so here for every statement. Raises OperationalError."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        ends = monotonic() + self.patience
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.OperationalError as error:
            if monotonic() < ends:
                raise
            # What the server does with it is not known any more.
            self.pgconn.finish()
            what = f"no response in {self.patience:g} s, connection closed"
            raise psycopg.OperationalError(what) from error


def network_options(url: URL) -> dict[str, str]:
    """Return the options of a connection that the URL does not have itself, by which a peer that is gone is noticed."""
    usual = {"connect_timeout": _CONNECT_SECONDS, **_NETWORK}
    return {name: str(value) for name, value in usual.items() if name not in url.query}


def postgresql_engine(url: URL, patience: float) -> sa.Engine:
    """Return the engine of a database at a URL; ``patience`` is how many seconds it may take for an answer."""
    engine = sa.create_engine(url, hide_parameters=True, connect_args=network_options(url), pool_pre_ping=True)

    def connected(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
        connection = PatientConnection.connect(*arguments, **options)
        connection.patience = patience
        return connection

    sa.event.listen(engine, "do_connect", connected)
    sa.event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: Any, _record: object) -> None:
    # Times are given back in UTC whatever zone the server is set to: its range of years ends there.
    connection.execute("SET TIME ZONE 'UTC'")
    # One statement asks for one repository or for all: a plan that is kept for both suits neither.
    connection.execute("SET plan_cache_mode = force_custom_plan")
    connection.commit()
