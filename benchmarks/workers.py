"""What three workers ask of a forge that share a database, beside what one asks: real processes, real claims.

Each repository is due once: all of them are polled for the first time, whoever does it.
"""

import re
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import psycopg

from benchmarks.common import Line, tell
from benchmarks.forge import TOKEN, repository
from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import Request
from tests.databases import Postgresql

_COUNT, _TAGS = 240, 2
# Of each kind, and fewer than there are: so that the last ones have to wait for a minute.
_A_MINUTE = 160
_MINUTE, _QUIET, _LONGEST = 60.0, 3.0, 600.0
# Batches smaller than the usual 500, so that few repositories are shared by all.
_BATCH = 40
_WORKER = (
    f"import sys; from bot.services import looks; looks._BATCH = {_BATCH}; from bot.cli.main import run;"
    " sys.exit(run(sys.argv[1:]))"
)
# What three workers may ask more than one, and in one minute.
_MOST = 1.05


class _Forge:
    """A GitHub, when it was asked, and how many repositories each worker polled."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.shares: list[int] = []
        self._repositories = [repository(number, _TAGS) for number in range(_COUNT)]

    @contextmanager
    def serving(self) -> Iterator[str]:
        with RecordedGitHub(self._repositories, tokens=[TOKEN], limit=10**6, now=now) as github:
            github.interceptor = self._note
            yield github.url

    def _note(self, _: Request) -> None:
        self.asked.append(time.monotonic())

    def peak(self) -> int:
        """Return the most requests of any minute."""
        times = sorted(self.asked)
        return max(bisect_left(times, begin + _MINUTE) - place for place, begin in enumerate(times))


def measure() -> list[Line]:
    """Let one worker poll everything, then three, then three by a queue."""
    server = Postgresql(Path(mkdtemp(prefix="release-bot-postgresql-")))
    try:
        alone = _polled(server, 1)
        return [
            *_lines("3 workers", _polled(server, 3), alone),
            *_lines("3 workers by a queue", _polled(server, 3, "--queue"), alone),
        ]
    finally:
        server.stop()


def _lines(who: str, forge: _Forge, alone: _Forge) -> list[Line]:
    shares = ", ".join(map(str, sorted(forge.shares, reverse=True)))
    how = (
        f"first poll of {_COUNT} repositories ({shares}) by processes on PostgreSQL, in batches of {_BATCH}; at most"
        f" {_A_MINUTE} requests of REST and of GraphQL a minute"
    )
    found = [
        Line(f"{who}, requests against 1 worker's", len(forge.asked), len(alone.asked), how, is_time=False),
        Line(f"{who}, most requests in a minute against 1 worker's", forge.peak(), alone.peak(), how, is_time=False),
    ]
    if any(line.ours > line.reference * _MOST for line in found):
        raise AssertionError(found)
    return found


def _polled(server: Postgresql, workers: int, *options: str) -> _Forge:
    """Let so many workers poll all repositories once."""
    forge, url = _Forge(), server.new()
    with TemporaryDirectory() as folder, forge.serving() as address:
        config = Path(folder) / "bot.toml"
        config.write_text(
            f'[database]\nurl = "{url}"\n[poll]\nevery = "12h"\nfull_every = "24h"\n'
            f'[forges.github]\nkind = "github"\nbase_url = "{address}"\ntoken_env = "GITHUB_TOKEN"\n'
            f"requests_per_minute = {_A_MINUTE}\n"
            + "".join(f'[[repositories]]\nforge = "github"\npath = "site/extension{n}"\n' for n in range(_COUNT))
        )
        logs = [Path(folder) / f"log{number}" for number in range(workers)]
        running = [_start(config, log, options) for log in logs]
        try:
            _wait(url, forge)
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()
        forge.shares = [sum(map(int, re.findall(r"polled (\d+) repositor", log.read_text()))) for log in logs]
    return forge


def _start(config: Path, log: Path, options: Sequence[str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", _WORKER, "--config", str(config), "--log-format", "json", "run", *options]
    with log.open("wb") as errors:
        return subprocess.Popen(command, env={"GITHUB_TOKEN": TOKEN}, stderr=errors)


def _wait(url: str, forge: _Forge) -> None:
    """Wait until all repositories were polled, and nothing is asked any more."""
    ends = time.monotonic() + _LONGEST
    with psycopg.connect(url, autocommit=True) as connection:
        while not _is_done(connection, forge):
            if time.monotonic() > ends:
                message = f"not polled in {_LONGEST:.0f} s, {len(forge.asked)} requests"
                raise AssertionError(message)
            time.sleep(0.5)


def _is_done(connection: psycopg.Connection, forge: _Forge) -> bool:
    if not forge.asked or time.monotonic() - forge.asked[-1] < _QUIET:
        return False
    try:
        found = connection.execute("SELECT count(*) FROM repositories WHERE polled_at IS NOT NULL").fetchone()
    except psycopg.errors.UndefinedTable:
        return False
    return found == (_COUNT,)


if __name__ == "__main__":
    tell(measure())
