"""``release-bot demo``: the whole pipeline on DIRAC's recorded history, over HTTP on loopback, without a token."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.app import App, now
from bot.cli.context import Options
from bot.cli.demo_folder import CONFIG, DemoFolder
from bot.config.settings import load
from bot.domain.period_words import read_as_of, read_period
from bot.recorded.github import RecordedGitHub
from bot.recorded.gitlab import RecordedGitLab
from bot.recorded.history import load as load_history
from bot.render.digest_text import certifications_text, digest_text
from bot.render.tables import counted_line, poll_table, releases_table
from bot.services.counting import Question, count_releases
from bot.services.due import complete
from bot.services.polling import poll
from bot.services.ports import Store
from bot.services.reporting import make_digest

_DAY = "2021-02-22"
_LATER = "2021-03-18"
_TOKEN = "demo-token"  # noqa: S105 - the recorded forges take it; it opens nothing
_ON_GITHUB = ("DIRAC", "WebAppDIRAC", "VMDIRAC", "COMDIRAC", "DIRACOS")
_ON_GITLAB = "cta-computing/dpps/workload/CTADIRAC"

_HOW = """\
How the number is made: DIRAC's patch releases (patch number above 0, no pre-release) whose date
lies in the interval; v7r2p1 and v7.2.1 would be one release; DIRAC's tags are lightweight, so the
date is the commit's. The slide of that day says "seven": no whole number of days to 22 February
gives seven (21 to 32 days give 6, 33 and 34 give 8), because the two series go in pairs.
"""


@click.command()
@click.option("--as-of", default=_DAY, show_default=True, metavar="T", help="The day to look from.")
@click.option(
    "--folder",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to leave the configuration and the database.",
)
@click.pass_obj
def demo(options: Options, as_of: str, folder: Path) -> None:
    """Poll DIRAC's recorded history, store it, count it, and print the digest of the month to 22 February 2021.

    Files that an earlier demo did not make, or that were changed since, are never touched.
    """
    left = DemoFolder(folder)
    left.check()
    with TemporaryDirectory(prefix="release-bot-demo-") as made:
        _show(options, _lay_out(Path(made)), as_of)
        left.take(Path(made))
    _say_what_to_try(options, folder / CONFIG)


def _show(options: Options, config: Path, as_of: str) -> None:
    with _recorded_app(config) as app, app.store() as store:
        options.out.print("[bold]1. Polling the recorded GitHub and GitLab over HTTP[/bold]\n")
        _poll(options, app, store)
        options.out.print("\n[bold]2. The digest[/bold]\n")
        _digest(app, store, as_of)
        options.out.print("\n[bold]3. The releases behind the number[/bold]\n")
        _list(options, app, store, as_of)
        options.out.print(f"[bold]4. The same certification on {_LATER}[/bold]\n")
        _certification(app, store, _LATER)


def _lay_out(folder: Path) -> Path:
    """Write the demo's configuration into a folder."""
    config = folder / CONFIG
    config.write_text(files("bot.cli").joinpath("demo.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return config


@contextmanager
def _recorded_app(config: Path) -> Iterator[App]:
    """Build the application as configured, with the recorded forges in the place of the real ones."""
    variables = {"GITHUB_TOKEN": _TOKEN, "GITLAB_CTA_TOKEN": _TOKEN}
    settings = load(config, variables)
    on_github = [load_history(f"DIRACGrid/{name}") for name in _ON_GITHUB]
    with (
        RecordedGitHub(on_github, tokens=[_TOKEN], now=now) as github,
        RecordedGitLab([load_history(_ON_GITLAB)], tokens=[_TOKEN], now=now) as gitlab,
    ):
        addresses = {"github": github.url, "gitlab": gitlab.url}
        forges = {name: replace(forge, base_url=addresses[forge.kind]) for name, forge in settings.forges.items()}
        yield App(replace(settings, forges=forges), variables)


def _poll(options: Options, app: App, store: Store) -> None:
    began = time.monotonic()
    repositories = app.repositories()
    with app.forges(app.watched_forges()) as forges:
        asked = complete(repositories, store, app.timing(), now())
        polling = poll(asked, forges, store, now, watched=[each.key for each in repositories])
        outcomes = list(app.gatherer(forges, store).after(polling, repositories))
    places = {repository.key: place for place, repository in enumerate(repositories)}
    outcomes.sort(key=lambda outcome: places[outcome.repository])
    options.out.print(poll_table(outcomes, time.monotonic() - began))


def _digest(app: App, store: Store, as_of: str) -> None:
    moment = read_as_of(as_of, app.settings.time_zone)
    click.echo(digest_text(make_digest(app.orders_named("slide", None, store)[0], store, moment, moment.end)))


def _list(options: Options, app: App, store: Store, as_of: str) -> None:
    moment = read_as_of(as_of, app.settings.time_zone)
    question = Question(app.repositories(("DIRAC",)), read_period("1m", moment), moment)
    counted = count_releases(question, store)
    options.out.print(counted_line(counted))
    options.out.print(releases_table(counted.releases, app.settings.time_zone))
    click.echo("\n" + _HOW)


def _certification(app: App, store: Store, as_of: str) -> None:
    """Show the certification's section of that day's digest alone."""
    moment = read_as_of(as_of, app.settings.time_zone)
    made = make_digest(app.orders_named("slide", None, store)[0], store, moment, moment.end)
    click.echo(certifications_text(made))


def _say_what_to_try(options: Options, config: Path) -> None:
    program = sys.argv[0] if sys.argv[0].startswith(".") else "release-bot"
    command = f"{program} --config {config}"
    options.out.print("\n[bold]5. Try next, on the database that is left[/bold]\n")
    for arguments in (
        'ask --as-of 2021-02-22 "how many v7r0 patches in 2020?"',
        "count DIRAC --series v7r2 --by year",
        "count DIRAC --period 2020 --by month --by series",
        "releases DIRAC --since v7r1p25 --as-of 2021-02-22",
        "latest WebAppDIRAC",
        "certification v7r2 --as-of 2021-02-22",
        "digest slide --as-of 2021-03-18",
        "tags --unclassified",
        "digest family --as-of 2021-02-22 --format markdown",
    ):
        click.echo(f"  {command} {arguments}")
