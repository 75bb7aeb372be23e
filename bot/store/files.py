"""Files that are there whole or not at all, and that no other user may read.

They hold the tags of private repositories, and who asked for what.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store.errors import StoreError

_OWNER, _EVERYBODY = stat.S_IRWXU, stat.S_IRWXO
# The logs that SQLite writes beside a database.
LOGS = ("-wal", "-journal")
# What SQLite writes beside a database; it gives new ones the mode of the database.
_BESIDE = (*LOGS, "-shm")


def keep_private(database: Path) -> None:
    """Create a database's file for its owner alone, or take the rights of everybody else from one that all may use.

    A file that a group was let into, and nobody else, stays as somebody made it. What
    cannot be done is left for SQLite to fail at, or for ``doctor`` to see.
    """
    path = database.resolve()
    with suppress(OSError):
        _create(path)
    for each in (path, *(Path(f"{path}{name}") for name in _BESIDE)):
        with suppress(OSError):
            mode = each.stat().st_mode
            if stat.S_ISREG(mode) and mode & _EVERYBODY:
                each.chmod(stat.S_IMODE(mode) & _OWNER)


def is_open_to_everybody(path: Path) -> bool:
    """Whether every user of this machine may do something with a file."""
    return bool(path.stat().st_mode & _EVERYBODY)


def has_log(file: Path) -> bool:
    """Return whether a log beside the file has changes: those of a running worker, or of one that was killed."""
    logs = (Path(f"{file}{ending}") for ending in LOGS)
    return any(log.exists() and log.stat().st_size > 0 for log in logs)


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Yield a file to write to, which becomes ``target`` when all went well. Raises StoreError where that exists.

    Only its owner may read it.
    """
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".release-bot-") as folder:
            written = Path(folder) / target.name
            _create(written)
            yield written
            os.link(written, target)  # unlike a renaming, this never overwrites
    except FileExistsError as error:
        raise StoreError(str(target), "file already exists", "use another file") from error
    except OSError as error:
        raise StoreError(str(target), error.strerror or str(error), "use a file in a writable folder") from error
