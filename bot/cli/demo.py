"""``release-bot demo``: the whole pipeline on DIRAC's recorded history, over HTTP on loopback, without a token."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import click

from bot.app import now
from bot.cli.context import Options
from bot.cli.output import print_result, print_table
from bot.demo.demo import Demo, open_demo
from bot.demo.folder import CONFIG, DemoFolder
from bot.demo.serve import how_to_use, serve_forges
from bot.render.digest_text import certifications_text, digest_text
from bot.render.poll_table import poll_table

_DAY = "2021-02-22"
_LATER = "2021-03-18"
_ON_THE_SLIDE = 7

_HOW = """\
How the number is made: DIRAC's patch releases (patch number above 0, no pre-release) whose date
lies in the interval; v7r2p1 and v7.2.1 would be one release; DIRAC's tags are lightweight, so the
date is the commit's. The slide made by hand that day said "seven". The readings that give seven:
"""


@click.command()
@click.option("--as-of", default=_DAY, show_default=True, metavar="T", help="Answer as of this date.")
@click.option(
    "--folder",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the configuration and the database.",
)
@click.option("--serve", is_flag=True, help="Then serve the recorded forges until Ctrl-C, for other commands.")
@click.pass_obj
def demo(options: Options, *, as_of: str, folder: Path, serve: bool) -> None:
    """Poll DIRAC's recorded history, store it, count its releases, and print the digest of 22 February 2021.

    Only unchanged files of an earlier demo are overwritten.
    """
    left = DemoFolder(folder)
    left.check()
    with serve_forges(now) as addresses:
        with TemporaryDirectory(prefix="release-bot-demo-") as made:
            with open_demo(Path(made), addresses, is_served=serve) as shown:
                _show(options, shown, as_of)
            left.take(Path(made))
        _say_what_to_try(options, folder / CONFIG)
        if serve:
            options.out.print("\n[bold]6. Serving the recorded forges until Ctrl-C; in another terminal[/bold]\n")
            click.echo(how_to_use(folder / CONFIG, _program()))
            Event().wait()


def _show(options: Options, shown: Demo, as_of: str) -> None:
    options.out.print("[bold]1. Polling the recorded GitHub and GitLab over HTTP[/bold]\n")
    print_table(options, poll_table(*shown.poll()))
    options.out.print("\n[bold]2. The digest[/bold]\n")
    shown.read_notes(shown.digest(as_of))
    click.echo(digest_text(shown.digest(as_of)))
    options.out.print("\n[bold]3. The releases behind the number[/bold]\n")
    print_result(options, shown.count(as_of), "table")
    click.echo("\n" + _HOW)
    print_result(options, shown.claim(as_of, _ON_THE_SLIDE), "table")
    click.echo()
    options.out.print(f"[bold]4. The same certification on {_LATER}[/bold]\n")
    click.echo(certifications_text(shown.digest(_LATER)))


def _say_what_to_try(options: Options, config: Path) -> None:
    command = f"{_program()} --config {config}"
    options.out.print("\n[bold]5. Try next, on the demo's database[/bold]\n")
    for arguments in (
        'ask --as-of 2021-02-22 "how many v7r0 patches in 2020?"',
        "count DIRAC --series v7r2 --by year",
        "count DIRAC --period 2020 --by month --by series",
        "count DIRAC --period 1m --as-of 2021-02-22 --claim 7",
        "releases DIRAC --since v7r1p25 --as-of 2021-02-22",
        "notes v7r1p29",
        "latest WebAppDIRAC",
        "certification v7r2 --as-of 2021-02-22",
        "digest slide --as-of 2021-03-18",
        "tags --unclassified",
        "digest family --as-of 2021-02-22 --format markdown",
    ):
        click.echo(f"  {command} {arguments}")
    click.echo(f"\nTo look at all of it in a browser, at http://127.0.0.1:8080/:\n\n  {command} web")
    click.echo(f"\nFor a first digest of your own repository:\n\n  {_program()} --config my.toml init")


def _program() -> str:
    """Return how the program was called, where that is a path."""
    return sys.argv[0] if sys.argv[0].startswith(".") else "release-bot"
