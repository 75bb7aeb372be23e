"""A database that is only read: never created, and opened as it is where it may not be written."""

import os
from pathlib import Path
from urllib.parse import quote

from bot.store.database import file_of, read_url
from bot.store.errors import NoDatabase
from bot.store.files import LOGS, has_log


def url_to_read(url: str) -> str:
    """Return the URL at which a database is read. Raises NoDatabase where a SQLite file does not exist.

    A file that may not be written is opened read-only. SQLite takes part in the locking of a
    database in WAL mode by two files beside it, and creates them even for a reader: it fails
    in a folder that may not be written, and leaves in any other folder what the database's
    owner cannot write. So without a log beside it, the file is opened as one that nobody changes.
    """
    parsed = read_url(url)
    file = file_of(parsed) if parsed.drivername == "sqlite" else None
    if file is None:
        return url
    if not file.exists():
        raise NoDatabase(str(file))
    options = {} if "mode" in parsed.query else read_only_options(file)
    if not options:
        return url
    read_only = parsed.set(database=f"file:{quote(str(file.absolute()))}")
    return read_only.update_query_dict({"uri": "true", **options}).render_as_string()


def read_only_options(file: Path) -> dict[str, str]:
    """Return the options of the URI by which SQLite opens a file to read; none for one that may be written."""
    if _may_be_written(file):
        return {}
    return {"mode": "ro"} | ({} if has_log(file) else {"immutable": "1"})


def state_if_frozen(url: str) -> tuple[tuple[int, int] | None, ...] | None:
    """Return what changes with the file of a database that ``url_to_read`` opens as one that nobody changes.

    None for any other: it shows what is written to it.
    """
    parsed = read_url(url)
    file = file_of(parsed) if parsed.drivername == "sqlite" else None
    if file is None or "immutable" not in read_only_options(file):
        return None
    return tuple(_written(Path(f"{file}{ending}")) for ending in ("", *LOGS))


def _written(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _may_be_written(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)
