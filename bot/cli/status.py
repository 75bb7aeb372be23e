"""``release-bot status``: the state of the bot, from its database."""

import click

from bot import __version__
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, FAILED
from bot.render.status import status_json, status_text


@click.command()
@format_option
@click.pass_obj
def status(options: Options, output_format: str) -> int:
    """Show the state of polling, rate limits and pending digests; exit code 1 on a problem."""
    app = options.known_app()
    zone = app.settings.time_zone
    with app.reading() as store, app.forges(app.watched_forges()) as forges:
        found = app.status(store, forges)
    if is_json(output_format):
        print_json(status_json(found, __version__, zone))
    else:
        click.echo(status_text(found, zone))
    return DONE if found.is_fine else FAILED
