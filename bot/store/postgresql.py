"""PostgreSQL's connections: one whose server stops answering is given up, however that came about.

The server's own time-outs (``statement_timeout``, ``lock_timeout``) are kept by the server, and a stopped process
still acknowledges what the network brings: only a clock on this side notices it.
"""

from time import monotonic
from typing import Any

import psycopg

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


def connect(patience: float, *arguments: Any, **options: Any) -> PatientConnection:
    """Connect as psycopg does. Raises psycopg's errors."""
    connection = PatientConnection.connect(*arguments, **options)
    connection.patience = patience
    return connection
