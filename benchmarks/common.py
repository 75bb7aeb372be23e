"""What every benchmark shares: how a time is taken, and how the results are told."""

import platform
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_HEADER = ("what", "ours", "reference", "ratio", "how it was measured")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: our time beside that of the reference, both in seconds, taken in the same run.

    ``target`` is what ours should stay under, None where none was set. What ``is_time`` not is a number.
    """

    what: str
    ours: float
    reference: float
    how: str
    target: float | None = None
    is_time: bool = True

    def cells(self) -> tuple[str, ...]:
        """Return the line's texts for the table."""
        write = shown if self.is_time else "{:,.0f}".format
        ours = write(self.ours) if self.target is None else f"{write(self.ours)} (target {write(self.target)})"
        return (self.what, ours, write(self.reference), f"{self.ours / self.reference:.3g}", self.how)


def most_memory() -> float:
    """Return the most memory in megabytes that this program has had in use.

    That of getrusage is at least what the process had in use that started it (proc(5), VmHWM).
    """
    [kilobytes] = re.findall(r"^VmHWM:\s+([0-9]+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kilobytes) * 1024 / 1e6


def seconds(work: Callable[[], object]) -> float:
    """Take the time of one run of the work."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def medians(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Return the median time of each work, run by turns, so that what else the machine does meets all alike.

    A first run of each is not counted: it fills caches.
    """
    for work in works:
        work()
    rounds = [[seconds(work) for work in works] for _ in range(repeats)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def percentile(times: Sequence[float], share: int) -> float:
    """Return the time that ``share`` percent of the times do not exceed."""
    return statistics.quantiles(times, n=100, method="inclusive")[share - 1]


def shown(duration: float) -> str:
    """Write a duration in a unit that suits it."""
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if duration >= size:
            return f"{duration / size:.3g} {unit}"
    return f"{duration * 1e6:.3g} µs"


def table(lines: Sequence[Line]) -> str:
    """Write the table in Markdown."""
    rows = [_HEADER, tuple("---" for _ in _HEADER), *(line.cells() for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine() -> str:
    """Name what the times were taken on."""
    cores = sum(line.startswith("processor") for line in _read("/proc/cpuinfo"))
    memory = next((int(line.split()[1]) for line in _read("/proc/meminfo") if line.startswith("MemTotal")), 0)
    made = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{platform.system()} {platform.machine()}, {cores} cores, {memory / 2**20:.0f} GiB of memory; {made}"


def tell(lines: Sequence[Line]) -> None:
    """Print the table, for one benchmark run alone."""
    print(f"{table(lines)}\n\n{machine()}")


def _read(file: str) -> list[str]:
    path = Path(file)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
