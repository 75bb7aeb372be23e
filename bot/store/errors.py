"""What the databases complain of, told as one clear line with what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bot.services.ports import StoreError

# By the primary result code, https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: (
        "locked by another process",
        "if the lock persists, stop the process that holds it",
    ),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that it is a file in an existing, writable folder"),
    sqlite3.SQLITE_CORRUPT: ("damaged database", "restore a backup"),
    sqlite3.SQLITE_FULL: ("disk full", "free some disk space; nothing of this step was written"),
    sqlite3.SQLITE_IOERR: ("I/O error", "check disk and quota; nothing of this step was written"),
    sqlite3.SQLITE_NOTADB: ("not a SQLite database", "use another file, or move this one away"),
    sqlite3.SQLITE_PERM: ("permission denied", "give this user write permission for the file and its folder"),
    sqlite3.SQLITE_READONLY: ("read-only database", "give this user write permission for the file and its folder"),
}

# By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "25006": ("read-only server", "use the primary server in the URL"),
    "42501": ("permission denied", "grant the user rights on the database and its schema"),
    "53100": ("disk full", "free some disk space; nothing of this step was written"),
}

_UNREACHABLE = "check that the server is running, and host, user, password and database in the URL"


@contextmanager
def told_clearly(where: str) -> Iterator[None]:
    """Turn the database's errors into StoreError; ``where`` names the database, without its password."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        raise _clear(where, getattr(error, "orig", None) or error) from error
    except UnicodeEncodeError as error:
        raise StoreError(where, "cannot store a string that is not valid Unicode") from error


def _clear(where: str, error: BaseException) -> StoreError:
    first_line = str(error).partition("\n")[0]
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return StoreError(where, *_SQLITE.get(code & 0xFF, (first_line,)))
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return StoreError(where, *_POSTGRESQL.get(state, (first_line,)))
    return StoreError(where, first_line, "" if isinstance(error, sqlite3.Error) else _UNREACHABLE)
