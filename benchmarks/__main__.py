"""Runs the benchmarks, and writes what they measured into README.md beside this, between its markers."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import asking, counting, digests, pages, polling, scale, starting, ticks, workers
from benchmarks.common import Line, machine, table

_README = Path(__file__).with_name("README.md")

# Each benchmark is a module of its own that gives its lines of the table; a new one takes its place here.
_ALL: tuple[Callable[[], list[Line]], ...] = (
    counting.measure,
    digests.measure,
    asking.measure,
    pages.measure,
    starting.measure,
    scale.measure,
    ticks.measure,
    polling.measure,
    workers.measure,
)


@click.command()
@click.option("--large", is_flag=True, help="Measure the store alone, with 10,000 repositories of 500 tags.")
def main(*, large: bool) -> None:
    """Measure, and write the table."""
    lines = scale.measure(10_000, 500) if large else [line for measure in _ALL for line in _told(measure)]
    name, told = "large" if large else "table", f"{table(lines)}\n\nMeasured on {machine()}."
    _README.write_text(_put(_README.read_text(encoding="utf-8"), name, told), encoding="utf-8")
    print(told)


def _told(measure: Callable[[], list[Line]]) -> list[Line]:
    print(f"measuring: {measure.__module__}", file=sys.stderr)
    return measure()


def _put(text: str, name: str, told: str) -> str:
    """Put the results between the markers of this name."""
    between = re.compile(rf"(<!-- {name} -->\n).*(<!-- end of {name} -->)", re.DOTALL)
    if not between.search(text):
        raise click.ClickException(
            f'{_README}: has no markers "{name}"; put <!-- {name} --> and <!-- end of {name} -->'
        )
    return between.sub(lambda found: f"{found[1]}{told}\n{found[2]}", text)


if __name__ == "__main__":
    main()
