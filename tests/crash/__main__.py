"""The long form: ``python -m tests.crash --strikes 1000``; prints the table, exit code 1 where something went wrong."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.crash.drive import as_json, run, table


@click.command()
@click.option("--strikes", default=1_000, show_default=True, help="How often a worker or the database is struck.")
@click.option("--minutes", default=0.0, help="Go on for so long instead.")
@click.option("--workers", default=1, show_default=True, help="How many work on one database at once.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--queue", "is_queued", is_flag=True, help="Let them share a queue of jobs (PostgreSQL only).")
@click.option("--seed", default=1, show_default=True, help="What is drawn by lot is drawn the same.")
def main(strikes: int, minutes: float, workers: int, database: str, seed: int, *, is_queued: bool) -> None:
    """Strike workers at every step, and tell what was lost or told twice."""
    with TemporaryDirectory() as folder:
        count = 0 if minutes else strikes
        place = Path(folder)
        seconds = 60 * minutes
        outcome = run(
            place,
            strikes=count,
            workers=workers,
            seed=seed,
            database=database,
            seconds=seconds,
            is_queued=is_queued,
        )
        log = (place / "log").read_text(errors="replace")
    click.echo(f"{workers} at work on {database}{' by a queue' if is_queued else ''}, seed {seed}\n\n{table(outcome)}")
    if outcome.is_right:
        return
    click.echo(f"{as_json(outcome)}\n{log}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
