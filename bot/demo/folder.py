"""The demo's folder: only what an earlier demo created and nobody changed is replaced."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.errors import UsageError
from bot.store.stats import is_in_use

CONFIG, DATABASE = "bot.toml", "release-bot.db"
# Says which files the demo made, each with the hashes of what it wrote.
MARKER = ".made-by-demo.json"
# What SQLite writes beside the demo's database, and removes by itself unless it is killed.
_LOGS = (f"{DATABASE}-wal", f"{DATABASE}-shm")
# What it writes beside others, and would read back into the demo's.
_JOURNAL = f"{DATABASE}-journal"
_HASH = re.compile("[0-9a-f]{64}")
_NOT_MADE = "not created by the demo"


@dataclass(frozen=True)
class DemoFolder:
    """Where the demo leaves its configuration and its database."""

    path: Path

    def check(self) -> None:
        """Raise UsageError where the demo would touch a file that it did not make, or that was changed or is in use."""
        made = self._made()
        for name in (CONFIG, DATABASE):
            file = self.path / name
            if not _is_there(file):
                continue
            if name not in made:
                raise self._refused(file, _NOT_MADE)
            if file.is_symlink() or _hash(file) not in made[name]:
                raise self._refused(file, "changed since the demo created it")
        if _is_there(self.path / MARKER) and not made:
            raise self._refused(self.path / MARKER, _NOT_MADE)
        self._check_logs()
        if is_in_use(self.path / DATABASE):
            raise self._refused(self.path / DATABASE, "in use")

    def _check_logs(self) -> None:
        """Raise UsageError for a log that is of no database of the demo's."""
        is_made = (self.path / DATABASE).exists()
        for log in (self.path / name for name in (*_LOGS, _JOURNAL)):
            may_be = is_made and log.name != _JOURNAL and log.is_file() and not log.is_symlink()
            if _is_there(log) and not may_be:
                raise self._refused(log, _NOT_MADE)

    def take(self, made: Path) -> None:
        """Take over what was made in another folder. Raises UsageError, and then nothing is touched."""
        self.check()
        self.path.mkdir(parents=True, exist_ok=True)
        before, new = self._made(), {name: _hash(made / name) for name in (CONFIG, DATABASE)}
        # Where the demo is killed half-way, the next one knows the old and the new files as its own.
        self._write({name: [*before.get(name, ()), new[name]] for name in new})
        with self._beside() as beside:
            for name in new:
                shutil.copy2(made / name, beside)
            for log in _LOGS:
                (self.path / log).unlink(missing_ok=True)
            for name in new:
                (beside / name).replace(self.path / name)
        self._write({name: [digest] for name, digest in new.items()})

    def _made(self) -> dict[str, list[str]]:
        """Return the hashes of what earlier demos made, by name; nothing where the demo did not write them."""
        marker = self.path / MARKER
        with suppress(OSError, ValueError, RecursionError):
            made = None if marker.is_symlink() else json.loads(marker.read_text(encoding="utf-8"))
            if isinstance(made, dict) and made.keys() == {CONFIG, DATABASE} and all(map(_are_hashes, made.values())):
                return made
        return {}

    def _write(self, made: Mapping[str, Sequence[str]]) -> None:
        with self._beside() as beside:
            (beside / MARKER).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
            (beside / MARKER).replace(self.path / MARKER)

    @contextmanager
    def _beside(self) -> Iterator[Path]:
        """Yield a new folder on the same disk, so that complete files are moved into place in one step."""
        with TemporaryDirectory(prefix=".being-made-", dir=self.path) as beside:
            yield Path(beside)

    def _refused(self, file: Path, why: str) -> UsageError:
        hint = f"nothing was changed; choose another folder: release-bot demo --folder {self.path.resolve().name}-2"
        return UsageError(str(file), why, hint)


def _is_there(file: Path) -> bool:
    return file.exists() or file.is_symlink()


def _are_hashes(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and _HASH.fullmatch(each) for each in value)


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        digest = sha256()
        while piece := content.read(1 << 20):
            digest.update(piece)
        return digest.hexdigest()
