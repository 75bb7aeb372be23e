"""``release-bot certification``: the state of certifications, and changes to their milestones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from click.shell_completion import CompletionItem

from bot.app import App, who
from bot.cli.completion import values
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import as_of_of, as_of_option, asking
from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import ChangeKind, MilestoneChange
from bot.domain.errors import UsageError
from bot.domain.periods.options import read_moment
from bot.queries.certification import CertificationStatus
from bot.render.certification_table import change_line
from bot.render.json_form import change_json
from bot.render.words import printable
from bot.services.certification import (
    Maker,
    Order,
    accept,
    change,
    plan_named,
    undo,
)

if TYPE_CHECKING:
    from bot.store.store import Store

_repository = click.option(
    "--repository", metavar="R", shell_complete=values.repositories, help="Repository, if several have the series."
)
_note = click.option("--note", default="", help="Free-text note.")


class _ShowByDefault(click.Group):
    """A group that takes ``certification [SERIES]`` for ``certification show [SERIES]``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_known = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        # A shell that completes the first word asks for both.
        is_open = ctx.resilient_parsing and not args
        return super().parse_args(ctx, args if is_known or is_open else ["show", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return the subcommands, and the series that may come in the place of one."""
        [series, *_] = self.commands["show"].params
        return [*super().shell_complete(ctx, incomplete), *series.shell_complete(ctx, incomplete)]


@click.group(cls=_ShowByDefault)
def certification() -> None:
    """Show the state of a certification: certification [SERIES]; or change its milestones."""


@certification.command()
@click.argument("series", required=False, shell_complete=values.series)
@_repository
@as_of_option
@list_format_option
@click.pass_obj
def show(options: Options, series: str | None, repository: str | None, as_of: str | None, output_format: str) -> None:
    """Show the state of the certification of SERIES, by default of every configured one."""
    with asking(options) as (app, run):
        query = CertificationStatus(
            series=() if series is None else (series,),
            repositories=() if repository is None else (repository,),
            with_closed=True,
        )
        found = run(query, as_of_of(app, as_of))
    print_result(options, found, output_format)


@certification.command("changes")
@format_option
@click.pass_obj
def list_changes(options: Options, output_format: str) -> None:
    """List every change that people made to milestones, including undone ones."""
    app = options.known_app()
    zone = app.settings.time_zone
    with app.store() as store:
        kept = [(*key, made) for key, changes in store.certification.changes().items() for made in changes]
    kept.sort(key=lambda entry: entry[2].number)
    if is_json(output_format):
        print_json([{"repository": key, "series": line, **change_json(made, zone)} for key, line, made in kept])
        return
    for key, line, made in kept:
        click.echo(f"change {made.number}: {printable(key)} {printable(line)}: {change_line(made, zone)}")
    if not kept:
        click.echo("no milestone was changed yet")


@certification.command()
@click.argument("series", shell_complete=values.series)
@click.argument("kind")
@click.argument("day", metavar="DATE")
@click.option("--title", default="", help="Title; by default its kind and number.")
@_note
@_repository
@click.pass_obj
def add(options: Options, series: str, kind: str, day: str, title: str, note: str, repository: str | None) -> None:
    """Plan a milestone of KIND (hackathon, final-certification, release ...) for DATE."""
    with _opened(options, repository) as opened:
        known = opened.app.settings.known_milestone_kinds
        if kind not in known:
            raise UsageError(
                f'kind "{kind}"', "unknown kind", f"known: {', '.join(known)}; or add it to milestone_kinds"
            )
        opened.make(series, Order(ChangeKind.ADD, title, kind, _day(day), note))


@certification.command()
@click.argument("series", shell_complete=values.series)
@click.argument("title")
@click.option("--on", "day", metavar="DATE", help="Date it was done; by default today.")
@_note
@_repository
@click.pass_obj
def done(options: Options, series: str, title: str, day: str | None, note: str, repository: str | None) -> None:
    """Mark the milestone TITLE (or a part of its title) as done."""
    with _opened(options, repository) as opened:
        on = opened.app.as_of_now().day if day is None else _day(day)
        opened.make(series, Order(ChangeKind.DONE, title, day=on, note=note))


@certification.command()
@click.argument("series", shell_complete=values.series)
@click.argument("title")
@click.argument("day", metavar="DATE")
@_note
@_repository
@click.pass_obj
def move(options: Options, series: str, title: str, day: str, note: str, repository: str | None) -> None:
    """Move the milestone TITLE to another DATE."""
    with _opened(options, repository) as opened:
        opened.make(series, Order(ChangeKind.MOVE, title, day=_day(day), note=note))


@certification.command()
@click.argument("series", shell_complete=values.series)
@click.argument("title")
@_note
@_repository
@click.pass_obj
def drop(options: Options, series: str, title: str, note: str, repository: str | None) -> None:
    """Mark the milestone TITLE as dropped: it will not happen."""
    with _opened(options, repository) as opened:
        opened.make(series, Order(ChangeKind.DROP, title, note=note))


@certification.command("accept")
@click.argument("series", shell_complete=values.series)
@click.argument("day", metavar="DATE")
@click.option("--title", default="", help="Title; by default its kind and number.")
@_repository
@click.pass_obj
def accept_hint(options: Options, series: str, day: str, title: str, repository: str | None) -> None:
    """Accept the milestone that pull requests suggest for DATE, as done on that day."""
    with _opened(options, repository) as opened:
        plan = opened.plan(series)
        made = accept(plan, _day(day), title, opened.store, opened.maker())
        click.echo(f"{plan.series}: {change_line(made, opened.app.settings.time_zone)}")


@certification.command("undo")
@click.argument("number", type=int, required=False)
@click.pass_obj
def undo_change(options: Options, number: int | None) -> None:
    """Undo the change NUMBER, by default the last one."""
    with _opened(options, None) as opened:
        taken_back = undo(opened.plans, number, opened.store.certification, opened.maker())
        click.echo(f"undone: {change_line(taken_back, opened.app.settings.time_zone)}")


@dataclass(frozen=True)
class _Opened:
    """The application with its database and plans, for one command."""

    app: App
    store: "Store"
    asked: tuple[str, ...]
    plans: list[Plan]

    def plan(self, series: str) -> Plan:
        watched = self.app.repositories()
        return plan_named(series, self.app.repositories(self.asked), self.plans, self.store, watched)

    def maker(self) -> Maker:
        return Maker(who(), self.app.as_of_now())

    def make(self, series: str, order: Order) -> MilestoneChange:
        plan = self.plan(series)
        made = change(plan, order, self.store.certification, self.maker())
        click.echo(f"{plan.series}: {change_line(made, self.app.settings.time_zone)}")
        return made


@contextmanager
def _opened(options: Options, repository: str | None, *, writes: bool = True) -> Iterator[_Opened]:
    app = options.known_app(writes=writes)
    asked = (repository,) if repository else ()
    app.repositories(asked)
    with app.store() if writes else app.reading() as store:
        yield _Opened(app, store, asked, app.plans(store))


def _day(text: str) -> date:
    moment = read_moment(text, ZoneInfo("UTC"))
    if moment is None:
        raise UsageError("date", f'invalid date "{text}"', "example: 2021-03-04")
    return date(moment.year, moment.month, moment.day)
