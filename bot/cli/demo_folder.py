"""The demo's folder: what an earlier demo made and nobody changed may be made anew, and nothing else."""

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.domain.errors import UsageError
from bot.store.health import is_in_use

CONFIG, DATABASE = "bot.toml", "release-bot.db"
# Says which files the demo made, each with the hashes of what it wrote.
MARKER = ".made-by-demo.json"


@dataclass(frozen=True)
class DemoFolder:
    """Where the demo leaves its configuration and its database."""

    path: Path

    def check(self) -> None:
        """Raise UsageError where the demo would touch a file that it did not make, or that was changed or is in use."""
        made = self._made()
        for name in (CONFIG, DATABASE):
            file = self.path / name
            if not (file.exists() or file.is_symlink()):
                continue
            if name not in made:
                raise self._refused(file, "was not made by the demo")
            if file.is_symlink() or _hash(file) not in made[name]:
                raise self._refused(file, "was changed since the demo made it")
        if is_in_use(self.path / DATABASE):
            raise self._refused(self.path / DATABASE, "is in use")

    def take(self, made: Path) -> None:
        """Take over what was made in another folder. Raises UsageError, and then nothing is touched."""
        self.check()
        self.path.mkdir(parents=True, exist_ok=True)
        before, new = self._made(), {name: _hash(made / name) for name in (CONFIG, DATABASE)}
        # Where the demo is killed half-way, the next one knows the old and the new files as its own.
        self._write({name: [*before.get(name, ()), new[name]] for name in new})
        for name in new:
            for log in ("-wal", "-shm"):
                (self.path / f"{name}{log}").unlink(missing_ok=True)
            beside = self.path / f".{name}.new"
            shutil.move(made / name, beside)
            beside.replace(self.path / name)
        self._write({name: [digest] for name, digest in new.items()})

    def _made(self) -> dict[str, list[str]]:
        """Return the hashes of what earlier demos made, by name; nothing where that cannot be read."""
        with suppress(OSError, ValueError):
            told = json.loads((self.path / MARKER).read_text(encoding="utf-8"))
            if isinstance(told, dict):
                return {name: list(digests) for name, digests in told.items() if isinstance(digests, list)}
        return {}

    def _write(self, made: Mapping[str, Sequence[str]]) -> None:
        (self.path / MARKER).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")

    def _refused(self, file: Path, why: str) -> UsageError:
        hint = f"nothing was touched; name another folder: release-bot demo --folder {self.path.resolve().name}-2"
        return UsageError(str(file), why, hint)


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        digest = sha256()
        while piece := content.read(1 << 20):
            digest.update(piece)
        return digest.hexdigest()
