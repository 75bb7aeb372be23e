"""``release-bot poll``: ask the forges now."""

import sys
import time
from datetime import timedelta

import click

from bot.app import App, now
from bot.cli.asking import repositories_argument
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, FAILED
from bot.render.json_form import poll_json
from bot.render.tables import poll_table
from bot.render.words import printable
from bot.services.due import complete
from bot.services.following import fit_members, follow
from bot.services.polling import Asked, PollOutcome
from bot.services.polling import poll as polling_now
from bot.services.ports import ForgeError, Look


@click.command()
@repositories_argument
@click.option("--full", is_flag=True, help="Ask for everything again, dates included.")
@format_option
@click.pass_obj
def poll(options: Options, repositories: tuple[str, ...], output_format: str, *, full: bool) -> int:
    """Poll the forges for tags now, and record what changed."""
    app = options.known_app(log_level="error")
    began = time.monotonic()
    missing: list[ForgeError] = []
    if not repositories:
        app, missing = _followed(app, full=full)
    chosen = app.repositories(repositories)
    outcomes: list[PollOutcome] = []
    with app.store() as store, app.forges(app.watched_forges()) as forges:
        asked = [Asked(each, Look.FULL) for each in chosen] if full else complete(chosen, store, app.timing(), now())
        polling = polling_now(asked, forges, store, now)
        for outcome in app.gatherer(forges, store).after(polling, chosen):
            outcomes.append(outcome)
            _show_progress(len(outcomes), len(chosen))
        fit_members(app.settings.organisations, chosen, store)
    places = {repository.key: place for place, repository in enumerate(chosen)}
    outcomes.sort(key=lambda outcome: places[outcome.repository])
    seconds = time.monotonic() - began
    if is_json(output_format):
        print_json(poll_json(outcomes, seconds))
    else:
        options.out.print(poll_table(outcomes, seconds))
    return _tell(outcomes, missing)


def _followed(app: App, *, full: bool) -> tuple[App, list[ForgeError]]:
    """List the organisations that it is time for; give the bot with their repositories, and what went wrong."""
    organisations = app.settings.organisations
    if not organisations:
        return app, []
    every = timedelta(0) if full else app.settings.full_every
    with app.store() as store, app.forges(each.forge for each in organisations) as forges:
        errors = follow(organisations, forges, store, now, every)
        return app.as_known(store), errors


def _show_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rpolled {done} of {of} repositories" + "\n" * (done == of), err=True, nl=False)


def _tell(outcomes: list[PollOutcome], missing: list[ForgeError]) -> int:
    for error in missing:
        click.echo(f"error: {printable(str(error))}", err=True)
    for outcome in outcomes:
        if outcome.notice:
            click.echo(f"note: {outcome.repository}: {printable(outcome.notice)}", err=True)
        if outcome.error:
            click.echo(f"error: {outcome.repository}: {printable(outcome.error)}", err=True)
    return FAILED if missing or any(outcome.error for outcome in outcomes) else DONE
