"""``release-bot subscriptions``: who is told of which releases at once, beside digests."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.app import App, who
from bot.cli.completion import values
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.output import list_format_option, print_result
from bot.cli.query_options import asking
from bot.commands.base import CommandContext
from bot.commands.subscribe import Subscribe
from bot.commands.subscribe_words import Unwanted
from bot.commands.unsubscribe import Unsubscribe
from bot.config.channels import parse_channel, stored_name
from bot.config.chats import Slack
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.queries.base import Result, answer_of
from bot.queries.subscriptions import Subscriptions
from bot.render.markup import TEXT
from bot.services.subscriptions import Wish
from bot.watch_preview import ForgePreview


@click.group(invoke_without_command=True)
@click.pass_context
def subscriptions(context: click.Context) -> None:
    """List subscriptions, each of which tells a channel or a person of new releases at once; add or end one."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@subscriptions.command("list")
@click.option("--all", "is_all", is_flag=True, help="Include those that are over.")
@list_format_option
@click.pass_obj
def list_(options: Options, output_format: str, *, is_all: bool) -> None:
    """List the subscriptions of everybody, with who made them and when."""
    with asking(options) as (app, run):
        found = run(Subscriptions(with_ended=is_all), app.as_of_now())
    print_result(options, found, output_format)


@subscriptions.command()
@click.argument("repository", shell_complete=values.repositories)
@click.option("--channel", required=True, metavar="C", help="Channel, notification service, or @USER by the chat's id.")
@click.option(
    "--series",
    "series",
    multiple=True,
    metavar="S",
    shell_complete=values.series,
    help="Only this series; may be repeated.",
)
@click.option("--release", metavar="V", help="Only this release: the subscription ends when it is out.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in KindWord]),
    help="Kind of release, instead of all final ones; may be repeated.",
)
@format_option
@click.pass_obj
def add(
    options: Options,
    repository: str,
    channel: str,
    series: tuple[str, ...],
    release: str | None,
    kinds: tuple[str, ...],
    output_format: str,
) -> None:
    """Tell a channel of the new releases of REPOSITORY, or of one of its products, as they come out."""
    if release is not None and (series or kinds):
        raise UsageError("--release", "cannot be combined with --series or --kind", "use one or the other")
    with _changing(options) as (app, context):
        wish = Wish((repository,), series, release or "")
        command = Subscribe(wish, tuple(map(KindWord, kinds)), channel=_stored(channel, app))
        made = command.run(context)
        missing = app.chat.missing(command.channel)
    _print(made, output_format)
    if missing is not None and not is_json(output_format):
        click.echo(f"nothing is sent there yet: {missing}")


@subscriptions.command()
@click.argument("number", metavar="NUMBER", type=int)
@format_option
@click.pass_obj
def remove(options: Options, number: int, output_format: str) -> None:
    """End a subscription."""
    with _changing(options) as (_, context):
        ended = Unsubscribe(Unwanted(number)).run(context)
    _print(ended, output_format)


@contextmanager
def _changing(options: Options) -> Iterator[tuple[App, CommandContext]]:
    app = options.known_app(writes=True)
    with app.store() as store:
        query = app.query_context(store, app.as_of_now(), is_maintainer=True)
        yield app, CommandContext(query, who(), ForgePreview(app))


def _stored(channel: str, app: App) -> str:
    """Return the name of a channel in the database. Raises UsageError for one that cannot be."""
    chats, services = app.settings.configured_chats, app.settings.places
    if channel in services:
        return channel
    chat, name = parse_channel(channel, chats)
    keys = chats[chat].keys if chat in chats else Slack()
    if not keys.is_person(name) and (wrong := keys.channel_fault(name)):
        raise UsageError("--channel", *wrong)
    return stored_name(chat, name)


def _print(result: Result, output_format: str) -> None:
    if is_json(output_format):
        print_json(result.data())
        return
    answer = answer_of(result, TEXT)
    click.echo(answer.sentence)
    for note in answer.notes:
        click.echo(note)
