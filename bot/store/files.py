"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.services.ports import StoreError


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give a file to write to, which becomes ``target`` when all went well. Raises StoreError where that exists."""
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".release-bot-") as folder:
            written = Path(folder) / target.name
            yield written
            os.link(written, target)  # unlike a renaming, this never overwrites
    except FileExistsError as error:
        raise StoreError(str(target), "exists already", "name a file that does not") from error
    except OSError as error:
        raise StoreError(
            str(target), error.strerror or str(error), "name a file in a folder that may be written"
        ) from error
