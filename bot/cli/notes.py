"""``release-bot notes``: what changed in a release, or between two."""

import click

from bot.app import App, now
from bot.cli.completion import values
from bot.cli.context import Options
from bot.cli.main import DONE, FAILED
from bot.cli.output import list_format_option, print_error, print_result
from bot.queries.notes import NotesFound, WhatChanged
from bot.services.notes import NotesReader
from bot.services.ports import ForgeError

# In one run, the newest first.
_MOST_READ = 20


@click.command()
@click.argument("release")
@click.option("--since", metavar="RELEASE", help="All releases of the series after this one, up to RELEASE.")
@click.option(
    "--repository",
    metavar="REPOSITORY",
    shell_complete=values.repositories,
    help="The repository, if several have such a release.",
)
@list_format_option
@click.pass_obj
def notes(options: Options, release: str, since: str | None, repository: str | None, output_format: str) -> int:
    """Show what changed in RELEASE: the entries of its release notes, as they were written.

    Notes that are not recorded are read from the forge, with one request for each release, and recorded.
    """
    query = WhatChanged((release,), since or "", () if repository is None else (repository,))
    app = options.known_app()
    with app.reading() as store:
        found = query.run(app.query_context(store, app.as_of_now()))
        can_write = not store.database.is_read_only
    error = None
    if found.unread and can_write:
        found, error = _read(app, query, found)
    print_result(options, found, output_format)
    if error is not None:
        print_error(error)
    return DONE if error is None else FAILED


def _read(app: App, query: WhatChanged, found: NotesFound) -> tuple[NotesFound, ForgeError | None]:
    """Read the notes that are not recorded, up to the first error, and look again."""
    wanted, error = found.unread[-_MOST_READ:], None
    with app.store() as store, app.forges({each.repository.forge for each in wanted}, store) as forges:
        reader = NotesReader(forges, store, now)
        for each in reversed(wanted):
            _, error = reader.fetch(each.repository, each.release)
            if error is not None:
                break
        if error is None and len(found.unread) > len(wanted):
            click.echo("note: some release notes were not read yet; run it again", err=True)
        return query.run(app.query_context(store, app.as_of_now())), error
