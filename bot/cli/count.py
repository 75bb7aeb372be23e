"""``release-bot count``: the number of releases."""

from typing import Any

import click

from bot.cli.context import Options
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import as_of_of, asking, filter_options, read_filters
from bot.domain.counts import GroupBy
from bot.domain.errors import UsageError
from bot.queries.base import Query
from bot.queries.releases import Count
from bot.queries.selection import Filters


@click.command()
@filter_options
@click.option(
    "--by",
    "units",
    multiple=True,
    type=click.Choice([unit.value for unit in GroupBy]),
    help="Break the number down; may be given twice.",
)
@click.option("--claim", type=click.IntRange(min=0), metavar="N", help="List the readings of the question that give N.")
@click.option("--list", "with_list", is_flag=True, help="List the counted releases.")
@list_format_option
@click.pass_obj
def count(options: Options, /, output_format: str, **asked: Any) -> None:
    """Count releases: each repository's ordinary ones, unless --kind says otherwise."""
    with asking(options, is_brief=output_format != "json") as (app, run):
        as_of = as_of_of(app, asked["as_of"])
        found = run(_query(read_filters(as_of, asked), output_format, **asked), as_of)
    print_result(options, found, output_format)


def _query(
    filters: Filters, output_format: str, *, units: tuple[str, ...], claim: int | None, with_list: bool, **_: Any
) -> Query:
    if claim is None:
        most = None if with_list or output_format == "json" else 0
        return Count(filters, tuple(GroupBy(unit) for unit in units), most)
    if units or with_list:
        raise UsageError("--claim", "cannot be combined with --by or --list", "leave them out")
    from bot.queries.claim import Claim

    return Claim(filters, claim)
