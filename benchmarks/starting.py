"""How long the program takes to begin: its version, and a count on a small database, against bare interpreters."""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.asking import write_config
from benchmarks.common import Line, medians, tell
from benchmarks.population import populate
from bot.app import App
from bot.config.load import load

_REPEATS = 11
_TAGS = 100


def measure() -> list[Line]:
    """Start each program in turn; the count's database has one repository."""
    with TemporaryDirectory() as folder:
        config = write_config(Path(folder), 1)
        populate(Path(folder) / "bot.db", App(load(config, {}), {}).repositories(), _TAGS)
        python = [sys.executable, "-c"]
        bot = [sys.executable, "-m", "bot", "--config", str(config)]
        counting = [*bot, "count", "--period", "2020-06", "--by", "series"]
        commands = ([*python, "pass"], [*python, "import sqlalchemy"], [*bot, "--version"], counting)
        bare, sqlalchemy, version, count = medians(_REPEATS, *(partial(_run, command) for command in commands))
    how = f"a process from its start to its end; median of {_REPEATS}; reference:"
    return [
        Line("start: release-bot --version", version, bare, f"{how} python -c pass"),
        Line("start: release-bot count, small database", count, bare, f"{how} python -c pass"),
        Line("start: release-bot count, small database", count, sqlalchemy, f"{how} python -c 'import sqlalchemy'"),
    ]


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    tell(measure())
