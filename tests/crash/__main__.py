"""The long form: ``python -m tests.crash --kills 1000``; prints the table, exit code 1 where something went wrong."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.crash.drive import as_json, run, table


@click.command()
@click.option("--kills", default=1_000, show_default=True, help="How many workers are killed.")
@click.option("--workers", default=1, show_default=True, help="How many work on one database at once.")
@click.option("--seed", default=1, show_default=True, help="What is drawn by lot is drawn the same.")
def main(kills: int, workers: int, seed: int) -> None:
    """Kill workers at every step, and tell what was lost or told twice."""
    with TemporaryDirectory() as folder:
        outcome = run(Path(folder), kills=kills, workers=workers, seed=seed)
        log = (Path(folder) / "log").read_text(errors="replace")
    click.echo(table(outcome))
    if outcome.is_right:
        return
    click.echo(f"{as_json(outcome)}\n{log}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
