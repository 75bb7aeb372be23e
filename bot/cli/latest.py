"""``release-bot latest``: the newest final release of each series."""

from typing import Any

import click

from bot.cli.context import Options
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import as_of_of, asking, filter_options, read_filters
from bot.queries.latest import Latest


@click.command()
@filter_options
@list_format_option
@click.pass_obj
def latest(options: Options, /, output_format: str, **asked: Any) -> None:
    """Show the newest final release of each series, by version."""
    with asking(options) as (app, run):
        as_of = as_of_of(app, asked["as_of"])
        found = run(Latest(read_filters(as_of, asked)), as_of)
    print_result(options, found, output_format)
