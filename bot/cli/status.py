"""``release-bot status``: how the bot is doing, from its database."""

from importlib.metadata import version

import click

from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, FAILED
from bot.render.standing import standing_json, standing_text


@click.command()
@format_option
@click.pass_obj
def status(options: Options, output_format: str) -> int:
    """Show what was polled, what polling costs of each limit, and what waits; exit code 1 if something is wrong."""
    app = options.known_app()
    zone = app.settings.time_zone
    with app.reading() as store, app.forges(app.watched_forges()) as forges:
        told = app.standing(store, forges)
    if is_json(output_format):
        print_json(standing_json(told, version("dirac-release-bot"), zone))
    else:
        click.echo(standing_text(told, zone))
    return DONE if told.is_fine else FAILED
