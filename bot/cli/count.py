"""``release-bot count``: how many releases."""

from typing import Any

import click

from bot.cli.asking import question_options, read_question
from bot.cli.context import Options, format_option, is_json, print_json
from bot.domain.counts import GroupBy
from bot.render.json_form import count_json
from bot.render.tables import counted_line, groups_table, releases_table
from bot.services.counting import count_releases


@click.command()
@question_options
@click.option(
    "--by",
    "units",
    multiple=True,
    type=click.Choice([unit.value for unit in GroupBy]),
    help="Break the number down; may be given twice.",
)
@click.option("--list", "with_list", is_flag=True, help="List the releases that make up the number.")
@format_option
@click.pass_obj
def count(options: Options, /, units: tuple[str, ...], output_format: str, *, with_list: bool, **asked: Any) -> None:
    """Count releases: each repository's ordinary ones, unless --kind says otherwise."""
    app = options.known_app()
    with app.reading() as store:
        question = read_question(app, store, asked)
        listed = with_list or is_json(output_format)
        counted = count_releases(question, store, [GroupBy(unit) for unit in units], listed=listed)
    if is_json(output_format):
        print_json(count_json(counted))
        return
    options.out.print(counted_line(counted))
    if counted.groups:
        options.out.print(groups_table(counted))
    if with_list:
        options.out.print(releases_table(counted.releases, app.settings.time_zone))
