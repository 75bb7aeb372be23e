"""``release-bot count``: the number of releases."""

from typing import Any

import click

from bot.cli.context import Options
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import as_of_of, asking, filter_options, read_filters
from bot.domain.counts import GroupBy
from bot.queries.releases import Count


@click.command()
@filter_options
@click.option(
    "--by",
    "units",
    multiple=True,
    type=click.Choice([unit.value for unit in GroupBy]),
    help="Break the number down; may be given twice.",
)
@click.option("--list", "with_list", is_flag=True, help="List the counted releases.")
@list_format_option
@click.pass_obj
def count(options: Options, /, units: tuple[str, ...], output_format: str, *, with_list: bool, **asked: Any) -> None:
    """Count releases: each repository's ordinary ones, unless --kind says otherwise."""
    with asking(options) as (app, run):
        as_of = as_of_of(app, asked["as_of"])
        most = None if with_list or output_format == "json" else 0
        query = Count(read_filters(app, as_of, asked), tuple(GroupBy(unit) for unit in units), most)
        found = run(query, as_of)
    print_result(options.out, found, output_format)
