"""What the databases complain of, told as one clear line with what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bot.services.ports import StoreError

# By the primary result code, https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "try again; if it stays so, end the process that holds it"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that it is a file in a folder that exists and may be written"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "put a backup in its place"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "make room; nothing of this step was written"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "check disk and quota; nothing of this step was written"),
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", "name another file, or move this one away"),
    sqlite3.SQLITE_PERM: ("may not be written", "give this user the right to write the file and its folder"),
    sqlite3.SQLITE_READONLY: ("is read-only", "give this user the right to write the file and its folder"),
}

# By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "25006": ("is read-only", "name the primary server in the URL"),
    "42501": ("this user may not do that", "grant the user rights on the database and its schema"),
    "53100": ("cannot grow: the disk is full", "make room; nothing of this step was written"),
}

_UNREACHABLE = "check that the server runs, and the URL's host, user, password and database"


@contextmanager
def told_clearly(where: str) -> Iterator[None]:
    """Turn the database's errors into StoreError; ``where`` names the database, without its password."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        raise _clear(where, getattr(error, "orig", None) or error) from error
    except UnicodeEncodeError as error:
        raise StoreError(where, "a text that is not valid Unicode cannot be stored") from error


def _clear(where: str, error: BaseException) -> StoreError:
    first_line = str(error).partition("\n")[0]
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return StoreError(where, *_SQLITE.get(code & 0xFF, (first_line,)))
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return StoreError(where, *_POSTGRESQL.get(state, (first_line,)))
    return StoreError(where, first_line, "" if isinstance(error, sqlite3.Error) else _UNREACHABLE)
