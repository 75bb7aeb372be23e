"""``release-bot releases``: a list of releases."""

from typing import Any

import click

from bot.cli.context import Options
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import as_of_of, asking, filter_options, read_filters
from bot.queries.releases import Releases


@click.command()
@filter_options
@list_format_option
@click.pass_obj
def releases(options: Options, /, output_format: str, **asked: Any) -> None:
    """List releases with tag, commit, date and the source of the date."""
    with asking(options, is_brief=True) as (app, run):
        as_of = as_of_of(app, asked["as_of"])
        found = run(Releases(read_filters(as_of, asked), most=None, with_withdrawn=True), as_of)
    print_result(options, found, output_format, part="releases")
