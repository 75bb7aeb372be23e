"""``release-bot releases``: the releases themselves."""

from typing import Any

import click

from bot.cli.asking import question_options, read_question
from bot.cli.context import Options, format_option, is_json, print_json
from bot.render.json_form import releases_json
from bot.render.tables import counted_line, releases_table
from bot.services.counting import count_releases, list_releases


@click.command()
@question_options
@format_option
@click.pass_obj
def releases(options: Options, /, output_format: str, **asked: Any) -> None:
    """List releases, with tag, commit, date and where the date came from."""
    app = options.known_app()
    zone = app.settings.time_zone
    with app.reading() as store:
        question = read_question(app, store, asked)
        counted, listed = count_releases(question, store), list_releases(question, store)
    if is_json(output_format):
        print_json(releases_json(listed, zone))
        return
    options.out.print(counted_line(counted))
    options.out.print(releases_table(listed, zone))
