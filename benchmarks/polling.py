"""Polling a thousand repositories, against nvchecker on the same forge in the same run."""

import json
import sqlite3
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import IO, Any

from benchmarks.common import Line, seconds, tell
from benchmarks.forge import TOKEN
from bot.store.store import Store

_LATENCY = 0.1
MANY, FEW_TAGS = 1_000, 60
_LARGE, _TAGS_OF_DIRAC = 100, 1_114
_NVCHECKER = "nvchecker==2.22"
# The bot checks, classifies and counts, and may take so many times as long as the bare loop.
_RATIO = 1.7
# Columns that both tables have, and that are the same whoever polls when.
_SAME = '"commit", backfilled, state, is_flagged, first_date, recorded'
# nvchecker knows https://api.HOST alone: its addresses are replaced by that of the forge on loopback.
_RUN_NVCHECKER = """
import sys
import nvchecker_source.github as github
url = sys.argv.pop(1)
github.GITHUB_GRAPHQL_URL = url + "%.0s/graphql"
github.GITHUB_MAX_TAG = url + "%.0s/repos/%s/git/refs/tags"
from nvchecker.__main__ import main
main()
"""


@dataclass(frozen=True)
class Forge:
    """The forge's process: its address, and what can be ordered of it."""

    url: str
    orders: IO[str]
    answers: IO[str]

    def order(self, **what: Any) -> Any:
        """Order something, and wait until it is done."""
        self.orders.write(json.dumps(what) + "\n")
        self.orders.flush()
        return json.loads(self.answers.readline())


def measure() -> list[Line]:
    """Measure each kind of poll."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        python = _nvchecker(place)
        with serve_forge(MANY, FEW_TAGS) as forge:
            polled = [*_nothing_new(forge, place, python), *_limited(forge, place, python)]
        return [*polled, *_cold(place), beside_bare_loop(place)]


def _nothing_new(forge: Forge, place: Path, python: Path) -> list[Line]:
    """Poll a thousand repositories in which nothing happened, then make and find four changes among them."""
    config = configure(place, forge, MANY, requests_per_minute=100_000)
    poll_once(config, "COMPLETE")
    poll_once(config, "QUICK")
    forge.order(do="tell")
    reference = seconds(lambda: _run_nvchecker(python, place, forge))
    asked = forge.order(do="tell")["requests"]
    told = f"{MANY:,} repositories, {_LATENCY:g} s latency; nvchecker asks for the newest tag by {asked:,} requests"
    lines = []
    for look, what in (("QUICK", "quick look"), ("COMPLETE", "complete look")):
        took = poll_once(config, look)
        how = f"{told}, the bot by {took['requests']:,}, with at most {took['megabytes']:.0f} MB of memory"
        lines.append(Line(f"{what}, nothing new", took["seconds"], reference, how))
        _expect(took, [])
    _find_changes(config, forge)
    return lines


def _find_changes(config: Path, forge: Forge) -> None:
    """Check that a quick look finds a new tag, and a complete one whatever was added, moved or deleted."""
    fresh, old = datetime(2021, 2, 22, tzinfo=UTC), datetime(2011, 2, 22, tzinfo=UTC)
    forge.order(do="put", path="site/extension10", name="v9r0", commit="a" * 40, date=fresh.isoformat())
    _expect(poll_once(config, "QUICK"), ["new github:site/extension10 v9r0"])
    forge.order(do="put", path="site/extension20", name="v9r1", commit="b" * 40, date=old.isoformat())
    forge.order(do="put", path="site/extension30", name="v0r0p5", commit="c" * 40, date=old.isoformat())
    forge.order(do="delete", path="site/extension40", name="v0r0p6")
    forge.order(do="put", path="site/extension50", name="v9r2", commit="d" * 40, date=fresh.isoformat())
    _expect(
        poll_once(config, "COMPLETE"),
        [
            "deleted github:site/extension40 v0r0p6",
            "moved github:site/extension30 v0r0p5",
            "new github:site/extension20 v9r1",
            "new github:site/extension50 v9r2",
        ],
    )


def _limited(forge: Forge, place: Path, python: Path) -> list[Line]:
    """Poll the same under GitHub's secondary limit, enforced."""
    config = configure(place, forge, MANY)
    forge.order(do="limit")
    took = poll_once(config, "COMPLETE")
    met = forge.order(do="tell")["limit_met"]
    if took["errors"] or met:
        message = f"{took['errors']} repositories were not answered, the limit was met {met} times"
        raise AssertionError(message)
    forge.order(do="limit")
    answered: list[str] = []
    reference = seconds(lambda: answered.extend(_run_nvchecker(python, place, forge)))
    how = f"900 points a minute; the bot never met the limit, nvchecker did and lost {MANY - len(answered):,} of them"
    return [Line("complete look under the secondary limit", took["seconds"], reference, how)]


def _cold(place: Path) -> list[Line]:
    """Poll a hundred repositories of DIRAC's size for the first time, and ten, to see the memory grow."""
    lines = []
    for count in (10, _LARGE):
        with serve_forge(count, _TAGS_OF_DIRAC) as forge:
            config = configure(place, forge, count, requests_per_minute=100_000)
            took = poll_once(config, "COMPLETE")
            again = poll_once(config, "COMPLETE")
        how = (
            f"{took['tags']:,} tags by {took['requests']:,} requests, at most {took['megabytes']:.0f} MB of memory, "
            f"{took['busy_seconds']:.1f} s of work of the processor; the reference is a complete look afterwards"
        )
        lines.append(
            Line(f"first poll of {count} repositories of DIRAC's size", took["seconds"], again["seconds"], how)
        )
    return lines


def beside_bare_loop(place: Path, count: int = 20, rounds: int = 7) -> Line:
    """Poll repositories of DIRAC's size for the first time, by turns with a bare loop that writes the same rows.

    Compared are the medians: a machine's speed varies by a fifth from one second to the next.
    """
    paths = [f"site/extension{number}" for number in range(count)]
    ours, bare = [], []
    with serve_forge(count, _TAGS_OF_DIRAC) as forge:
        for turn in range(rounds):
            own, other = place / f"bot-{turn}", place / f"bare-{turn}"
            own.mkdir()
            other.mkdir()
            took = poll_once(configure(own, forge, count, requests_per_minute=100_000), "COMPLETE")
            ours.append(took["busy_seconds"])
            database = other / "bare.db"
            Store.open(f"sqlite:///{database}").close()
            command = [sys.executable, "-m", "benchmarks.bare_poll", str(database), forge.url, *paths]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            bare.append(json.loads(done.stdout)["busy_seconds"])
            _expect_same_rows(own / f"bot-{count}.db", database)
    each, tags = took["requests"] / count, took["tags"]
    how = (
        f"processor time, {median(ours) / tags * 1e6:.0f} µs a tag; {each:g} requests and {each - 1:g} points each; "
        f"reference: requests, json and sqlite3 in one loop, for the same rows; median of {rounds}, by turns"
    )
    what = f"first poll of {count} repositories of DIRAC's size, processor time"
    return Line(what, median(ours), median(bare), how, target=_RATIO * median(bare))


def _expect_same_rows(ours: Path, bare: Path) -> None:
    """Check that both wrote the same of every tag and release, but for when they were first seen."""
    tags = f"SELECT name, target, {_SAME} FROM tags ORDER BY repository_id, name"
    releases = f"SELECT normalized, version, series, kind, order_key, tags, url, {_SAME} FROM releases ORDER BY url"
    for query in (tags, releases):
        with closing(sqlite3.connect(ours)) as one, closing(sqlite3.connect(bare)) as other:
            if sorted(one.execute(query)) != sorted(other.execute(query)):
                message = f"the bare loop wrote other rows than the bot: {query}"
                raise AssertionError(message)


def _expect(took: dict[str, Any], changes: Sequence[str]) -> None:
    if took["errors"] or took["changes"] != list(changes):
        message = f"found {took['changes']} with {took['errors']} errors, expected {changes}"
        raise AssertionError(message)


@contextmanager
def serve_forge(count: int, tags: int) -> Iterator[Forge]:
    """Serve a forge of so many repositories with so many tags each."""
    command = [sys.executable, "-m", "benchmarks.forge", str(count), str(tags), str(_LATENCY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdin and process.stdout:
                yield Forge(json.loads(process.stdout.readline()), process.stdin, process.stdout)
        finally:
            process.kill()


def configure(place: Path, forge: Forge, count: int, *, requests_per_minute: int = 800) -> Path:
    """Write a configuration that watches so many repositories of a forge, and return its path."""
    path = place / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{place}/bot-{count}.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{forge.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        f"requests_per_minute = {requests_per_minute}\n"
        + "".join(
            f'[[repositories]]\nforge = "github"\npath = "site/extension{number}"\nname = "extension{number}"\n'
            for number in range(count)
        )
    )
    return path


def poll_once(config: Path, look: str) -> dict[str, Any]:
    """Poll every repository in a process of its own, and return what it took."""
    command = [sys.executable, "-m", "benchmarks.one_poll", str(config), look]
    done = subprocess.run(command, env={"GITHUB_TOKEN": TOKEN}, stdout=subprocess.PIPE, text=True, check=True)
    took: dict[str, Any] = json.loads(done.stdout)
    return took


def _nvchecker(place: Path) -> Path:
    """Install nvchecker into an environment of its own."""
    venv.create(place / "nvchecker", with_pip=True)
    python = place / "nvchecker" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", _NVCHECKER], check=True, stderr=subprocess.DEVNULL)
    return python


def _run_nvchecker(python: Path, place: Path, forge: Forge) -> list[str]:
    """Ask for the newest tag of each, and give the lines that told one."""
    config = place / "nvchecker.toml"
    config.write_text(
        "[__config__]\n"
        + "".join(
            f'[extension{number}]\nsource = "github"\ngithub = "site/extension{number}"\n'
            f'use_latest_tag = true\ntoken = "{TOKEN}"\n'
            for number in range(MANY)
        )
    )
    command = [str(python), "-c", _RUN_NVCHECKER, forge.url, "-c", str(config), "--logger", "json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return [
        line for line in done.stdout.splitlines() if '"event": "updated"' in line or '"event": "up-to-date"' in line
    ]


if __name__ == "__main__":
    tell(measure())
