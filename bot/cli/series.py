"""``release-bot series``: the status of series, shown or set."""

import click

from bot.app import App, who
from bot.cli.completion import values
from bot.cli.context import Options, is_json, print_json
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import as_of_of, as_of_option, asking
from bot.commands.base import CommandContext
from bot.commands.series import MarkSeries, SeriesMarked
from bot.domain.errors import UsageError
from bot.domain.filters import names_of
from bot.domain.series_status import SeriesStatus
from bot.queries.base import answer_of
from bot.queries.series import SeriesStatuses
from bot.render.markup import TEXT
from bot.services.names import lines_named
from bot.watch_preview import ForgePreview


@click.command()
@click.argument("repository", required=False, shell_complete=values.repositories_or_series)
@click.argument("series", required=False, shell_complete=values.series)
@click.option(
    "--status", type=click.Choice([status.value for status in SeriesStatus]), help="Set the status of SERIES."
)
@click.option("--note", metavar="TEXT", help="Free-text note, with --status.")
@as_of_option
@list_format_option
@click.pass_obj
def series(
    options: Options,
    repository: str | None,
    series: str | None,
    status: str | None,
    note: str | None,
    as_of: str | None,
    output_format: str,
) -> None:
    """Show the status of series: all that have one, those of REPOSITORY, or SERIES; or set it with --status.

    Who set it and when is recorded; it wins over the configuration file. To undo: release-bot ask undo series
    """
    if status is None:
        if note is not None:
            raise UsageError("--note", "requires --status", "name the status too")
        with asking(options) as (app, run):
            found = run(SeriesStatuses(*_named(repository, series, app)), as_of_of(app, as_of))
        print_result(options, found, output_format)
        return
    if as_of is not None:
        raise UsageError("--as-of", "cannot be combined with --status", "use one or the other")
    marked = _mark(options, repository, series, SeriesStatus(status), note or "")
    if is_json(output_format):
        print_json(marked.data())
        return
    click.echo(answer_of(marked, TEXT).sentence)
    for line in (*marked.remarks(TEXT), f"to undo: release-bot ask {marked.undoing}"):
        click.echo(line)


def _mark(
    options: Options, repository: str | None, series: str | None, status: SeriesStatus, note: str
) -> SeriesMarked:
    app = options.known_app(writes=True)
    repositories, named = _named(repository, series, app)
    if not named:
        raise UsageError("--status", "requires SERIES", "example: release-bot series DIRAC v9r0 --status recommended")
    with app.store() as store:
        query = app.query_context(store, app.as_of_now(), is_maintainer=True)
        command = MarkSeries(status, named[0], repositories, note)
        return command.run(CommandContext(query, who(), ForgePreview(app)))


def _named(first: str | None, second: str | None, app: App) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the repositories and the series of the arguments; one alone is a series if it names no repository."""
    if first is None:
        return (), ()
    if second is not None:
        return (first,), (second,)
    watched = app.repositories()
    is_repository = any(first.lower() == name.lower() for each in watched for name in names_of(each))
    return ((), (first,)) if not is_repository and lines_named(first, watched) else ((first,), ())
