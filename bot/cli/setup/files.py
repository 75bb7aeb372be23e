"""Files that are complete or absent, whatever interrupts their writing."""

import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from bot.domain.errors import UsageError

_ALL, _OWNER = 0o644, 0o600


def write_configuration(path: Path, text: str) -> None:
    """Write the configuration; it holds no secret. Raises UsageError where it cannot be written."""
    _write(path, text, _ALL)


def write_secrets(path: Path, secrets: Mapping[str, str]) -> None:
    """Write secrets as NAME=VALUE lines, which only the owner may read. Raises UsageError."""
    _write(path, "".join(f"{name}={shlex.quote(value)}\n" for name, value in secrets.items()), _OWNER)


def _write(path: Path, text: str, mode: int) -> None:
    # A link stays one: what it leads to is replaced.
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, made = mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _refused(path, error) from error
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        Path(made).chmod(mode)
        Path(made).replace(target)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        with suppress(OSError):
            Path(made).unlink()


def _refused(path: Path, error: OSError) -> UsageError:
    what = f"cannot be written ({error.strerror or type(error).__name__})"
    return UsageError(str(path), what, "name another file with --config FILE")
