"""The options that queries share: repositories, kinds, period and moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from bot.app import App
from bot.cli.completion import values
from bot.cli.context import Options
from bot.domain.filters import KindWord
from bot.domain.periods.options import read_as_of
from bot.domain.periods.period import AsOf
from bot.queries.base import Query, Result, run
from bot.queries.options import FilterOptions
from bot.queries.selection import Filters

_Command = TypeVar("_Command", bound=Callable[..., Any])

repositories_argument = click.argument(
    "repositories", nargs=-1, metavar="[REPOSITORY]...", shell_complete=values.repositories
)
as_of_option = click.option("--as-of", metavar="T", help="Answer as of this date or time.")


def filter_options(command: _Command) -> _Command:
    """Add the options that filter releases."""
    for option in (
        click.option("--known-at", metavar="T", help="Use only data that was known at this date or time."),
        as_of_option,
        click.option("--until", metavar="B", help="A date, a date and time, or a release: up to and including it."),
        click.option("--since", metavar="A", help="A date, a date and time, or a release: after it."),
        click.option("--period", metavar="P", help="7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, last-week ..."),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice([kind.value for kind in KindWord]),
            help="Kind of release, instead of each repository's ordinary ones; may be repeated.",
        ),
        click.option(
            "--series", metavar="S", shell_complete=values.series, help="Only this series, in any spelling: v7r1, 7.1."
        ),
        repositories_argument,
    ):
        command = option(command)
    return command


def read_filters(as_of: AsOf, options: dict[str, Any]) -> Filters:
    """Return the filters that the options give. Raises UsageError for an invalid value."""
    series = options["series"]
    given = FilterOptions(
        repositories=tuple(options["repositories"]),
        series=() if series is None else (series,),
        kinds=tuple(KindWord(kind) for kind in options["kinds"]),
        period=options["period"],
        since=options["since"],
        until=options["until"],
        known_at=options["known_at"],
    )
    return given.filters(as_of)


def as_of_of(app: App, text: str | None) -> AsOf:
    """Return the moment of --as-of, now by default."""
    return app.as_of_now() if text is None else read_as_of(text, app.settings.time_zone)


@contextmanager
def asking(options: Options, *, is_brief: bool = False) -> Iterator[tuple[App, Callable[[Query, AsOf], Result]]]:
    """Open the application, and yield it with a function that runs a query on its database.

    ``is_brief`` is for answers that are only shown in words and tables.
    """
    with options.app().reading_known() as (app, store):
        yield app, lambda query, as_of: run(query, app.query_context(store, as_of, is_brief=is_brief))
