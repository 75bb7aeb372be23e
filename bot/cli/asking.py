"""The options that count and releases share: which repositories, which kinds, which interval."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

from bot.app import App
from bot.domain.errors import UsageError
from bot.domain.period_words import read_as_of, read_bounds, read_period
from bot.domain.periods import AsOf, Period
from bot.domain.repositories import Repository
from bot.domain.selection import KindWord
from bot.services.certifying import planned_lines
from bot.services.counting import Question
from bot.services.naming import date_of_release, require_series
from bot.services.ports import Store

_Command = TypeVar("_Command", bound=Callable[..., Any])

repositories_argument = click.argument("repositories", nargs=-1, metavar="[REPOSITORY]...")
as_of_option = click.option("--as-of", metavar="T", help="Look from this date or time instead of now.")


def question_options(command: _Command) -> _Command:
    """Add the options that make up a question."""
    for option in (
        click.option("--known-at", metavar="T", help="Use only what had been seen by then."),
        as_of_option,
        click.option("--until", metavar="B", help="A date, a date and time, or a release: up to and with it."),
        click.option("--since", metavar="A", help="A date, a date and time, or a release: after it."),
        click.option("--period", metavar="P", help="7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, last-week ..."),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice([kind.value for kind in KindWord]),
            help="Instead of each repository's ordinary releases; may be repeated.",
        ),
        click.option("--series", metavar="S", help="Only this series, in any spelling: v7r1, 7.1."),
        repositories_argument,
    ):
        command = option(command)
    return command


def read_question(app: App, store: Store, options: dict[str, Any]) -> Question:
    """Make the question from the options. Raises UsageError for what cannot be read."""
    repositories = app.repositories(options["repositories"])
    as_of = as_of_of(app, options["as_of"])
    known_at, series = options["known_at"], options["series"]
    return Question(
        repositories=repositories,
        period=_period(options, as_of, repositories, app, store),
        as_of=as_of,
        kinds=tuple(KindWord(kind) for kind in options["kinds"]),
        series=series,
        known_at=None if known_at is None else read_as_of(known_at, app.settings.time_zone).end,
        began=series_began(series, repositories, app, store),
        stale_after=app.stale_after,
    )


def series_began(
    series: str | None, repositories: Sequence[Repository], app: App, store: Store
) -> dict[str, datetime | None]:
    """Return when the series that is asked for began, by its name. Raises UsageError for one that is not known."""
    if series is None:
        return {}
    planned = planned_lines(app.plans(store))
    return {series: require_series(series, repositories, app.repositories(), store, planned)}


def as_of_of(app: App, text: str | None) -> AsOf:
    """Give the moment to look from: now, unless another is asked for."""
    return app.as_of_now() if text is None else read_as_of(text, app.settings.time_zone)


def _period(
    options: dict[str, Any], as_of: AsOf, repositories: tuple[Repository, ...], app: App, store: Store
) -> Period:
    period, since, until = options["period"], options["since"], options["until"]
    if period is not None:
        if since is not None or until is not None:
            raise UsageError("--period", "cannot go with --since or --until", "say one or the other")
        return read_period(period, as_of)
    return read_bounds(since, until, as_of, lambda text: date_of_release(text, repositories, app.repositories(), store))
