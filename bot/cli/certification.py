"""``release-bot certification``: how certification stands, and the changes that people make to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import click

from bot.app import App, who
from bot.cli.asking import as_of_of, as_of_option
from bot.cli.context import Options, format_option, is_json, print_json
from bot.domain.certifications import Certification, Plan
from bot.domain.errors import UsageError
from bot.domain.milestones import ChangeKind, MilestoneChange
from bot.domain.period_words import read_moment
from bot.domain.periods import AsOf
from bot.render.answer_certification import not_begun_words
from bot.render.certification_table import certification_table, change_line
from bot.render.json_form import certification_json, change_json
from bot.render.words import moment_words, printable
from bot.services.certifying import (
    Maker,
    Order,
    accept,
    certification_at,
    certifications,
    change,
    plan_named,
    undo,
)
from bot.store.sql import SqlStore

_repository = click.option("--repository", metavar="R", help="Whose series, where several repositories have it.")
_note = click.option("--note", default="", help="What is to be said of it.")


class _ShowByDefault(click.Group):
    """A group that takes ``certification [SERIES]`` for ``certification show [SERIES]``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_known = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_known else ["show", *args])


@click.group(cls=_ShowByDefault)
def certification() -> None:
    """Show how certification stands: certification [SERIES]; or change it."""


@certification.command()
@click.argument("series", required=False)
@_repository
@as_of_option
@format_option
@click.pass_obj
def show(options: Options, series: str | None, repository: str | None, as_of: str | None, output_format: str) -> None:
    """Show how the certification of SERIES stands, or every one that is configured."""
    with _opened(options, repository, writes=False) as opened:
        zone, moment = opened.app.settings.time_zone, as_of_of(opened.app, as_of)
        plan = None if series is None else opened.plan(series)
        found = opened.certifications(plan, moment)
    if is_json(output_format):
        print_json(
            [
                certification_json(each, zone) | {"changes": [change_json(made, zone) for made in each.changes]}
                for each in found
            ]
        )
        return
    for each in found:
        options.out.print(certification_table(each, zone))
    if not found:
        click.echo(_nothing(plan, moment, is_past=as_of is not None))


def _nothing(plan: Plan | None, moment: AsOf, *, is_past: bool) -> str:
    """Say that there was no certification, or not yet the one asked for."""
    if plan is not None:
        return not_begun_words(plan.series, moment)
    if is_past:
        return f"no certification had begun by {moment_words(moment.end, moment.zone)} ({moment.zone.key})"
    return "no certification is configured; begin one: release-bot certification add SERIES hackathon DATE"


@certification.command("changes")
@format_option
@click.pass_obj
def list_changes(options: Options, output_format: str) -> None:
    """List every change that people made to milestones, also those that were undone."""
    app = options.known_app()
    zone = app.settings.time_zone
    with app.store() as store:
        kept = [(*key, made) for key, changes in store.changes().items() for made in changes]
    kept.sort(key=lambda entry: entry[2].number)
    if is_json(output_format):
        print_json([{"repository": key, "series": line, **change_json(made, zone)} for key, line, made in kept])
        return
    for key, line, made in kept:
        click.echo(f"change {made.number}: {printable(key)} {printable(line)}: {change_line(made, zone)}")
    if not kept:
        click.echo("nobody has changed a milestone yet")


@certification.command()
@click.argument("series")
@click.argument("kind")
@click.argument("day", metavar="DATE")
@click.option("--title", default="", help="What it is called; its kind and number by default.")
@_note
@_repository
@click.pass_obj
def add(options: Options, series: str, kind: str, day: str, title: str, note: str, repository: str | None) -> None:
    """Plan a milestone of a KIND (hackathon, final-certification, release ...) for a DATE."""
    with _opened(options, repository) as opened:
        known = opened.app.settings.milestone_kinds
        if kind not in known:
            raise UsageError(
                f'kind "{kind}"', "is no known kind", f"say {', '.join(known)}, or add it to milestone_kinds"
            )
        opened.make(series, Order(ChangeKind.ADD, title, kind, _day(day), note))


@certification.command()
@click.argument("series")
@click.argument("title")
@click.option("--on", "day", metavar="DATE", help="The day it was done; today by default.")
@_note
@_repository
@click.pass_obj
def done(options: Options, series: str, title: str, day: str | None, note: str, repository: str | None) -> None:
    """Say that the milestone TITLE (or a part of its title) was done."""
    with _opened(options, repository) as opened:
        on = opened.app.as_of_now().day if day is None else _day(day)
        opened.make(series, Order(ChangeKind.DONE, title, day=on, note=note))


@certification.command()
@click.argument("series")
@click.argument("title")
@click.argument("day", metavar="DATE")
@_note
@_repository
@click.pass_obj
def move(options: Options, series: str, title: str, day: str, note: str, repository: str | None) -> None:
    """Plan the milestone TITLE for another DATE."""
    with _opened(options, repository) as opened:
        opened.make(series, Order(ChangeKind.MOVE, title, day=_day(day), note=note))


@certification.command()
@click.argument("series")
@click.argument("title")
@_note
@_repository
@click.pass_obj
def drop(options: Options, series: str, title: str, note: str, repository: str | None) -> None:
    """Say that the milestone TITLE did not and will not happen."""
    with _opened(options, repository) as opened:
        opened.make(series, Order(ChangeKind.DROP, title, note=note))


@certification.command("accept")
@click.argument("series")
@click.argument("day", metavar="DATE")
@click.option("--title", default="", help="What it is called; its kind and number by default.")
@_repository
@click.pass_obj
def accept_hint(options: Options, series: str, day: str, title: str, repository: str | None) -> None:
    """Take the suggestion that pull requests make for DATE: a milestone that was done on that day."""
    with _opened(options, repository) as opened:
        plan = opened.plan(series)
        made = accept(plan, _day(day), title, opened.store, opened.maker())
        click.echo(f"{plan.series}: {change_line(made, opened.app.settings.time_zone)}")


@certification.command("undo")
@click.argument("number", type=int, required=False)
@click.pass_obj
def undo_change(options: Options, number: int | None) -> None:
    """Take back the change NUMBER, the last one by default."""
    with _opened(options, None) as opened:
        taken_back = undo(opened.plans, number, opened.store, opened.maker())
        click.echo(f"undone: {change_line(taken_back, opened.app.settings.time_zone)}")


@dataclass(frozen=True)
class _Opened:
    """The application with its database and plans, for one command."""

    app: App
    store: SqlStore
    asked: tuple[str, ...]
    plans: list[Plan]

    def plan(self, series: str) -> Plan:
        watched = self.app.repositories()
        return plan_named(series, self.app.repositories(self.asked), self.plans, self.store, watched)

    def certifications(self, plan: Plan | None, as_of: AsOf) -> list[Certification]:
        """Return how one certification stood, or every one that was planned."""
        if plan is None:
            return certifications(self.app.repositories(self.asked), self.plans, self.store, as_of)
        found = certification_at(plan, self.store, as_of)
        return [] if found is None else [found]

    def maker(self) -> Maker:
        return Maker(who(), self.app.as_of_now())

    def make(self, series: str, order: Order) -> MilestoneChange:
        plan = self.plan(series)
        made = change(plan, order, self.store, self.maker())
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
        raise UsageError("date", f'"{text}" is no date', "say for example 2021-03-04")
    return date(moment.year, moment.month, moment.day)
