"""How long the program takes to begin: its version, a count and a question, against bare interpreters.

Beside the time from start to end stands the processor time, which other processes disturb less.
"""

import resource
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
_LIBRARIES = "import sqlalchemy, pydantic, click"
# What a command may take beside these.
_RATIO = 1.5


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
        used = _processor_times([*python, _LIBRARIES], counting, [*bot, "ask", "how", "many", "releases", "in", "2020"])
    how = f"a process from its start to its end; median of {_REPEATS}; reference:"
    least = f"processor time of a process; least of {_REPEATS}; reference:"
    return [
        Line("start: release-bot --version", version, bare, f"{how} python -c pass"),
        Line("start: release-bot count, small database", count, bare, f"{how} python -c pass"),
        Line("start: release-bot count, small database", count, sqlalchemy, f"{how} python -c 'import sqlalchemy'"),
        *(
            Line(
                f"start: release-bot {name}, processor time",
                ours,
                used[0],
                f"{least} python -c '{_LIBRARIES}'",
                target=_RATIO * used[0],
            )
            for name, ours in (("count", used[1]), ("ask", used[2]))
        ),
    ]


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _processor_times(*commands: Sequence[str]) -> list[float]:
    """Return the least processor time of each command in seconds; they run in turn."""
    rounds = [[_processor_time(command) for command in commands] for _ in range(_REPEATS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _processor_time(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    tell(measure())
