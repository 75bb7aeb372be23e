"""``release-bot deliveries``: the deliveries of digests, and what to do about stuck ones."""

import click

from bot.app import now, who
from bot.cli.context import Options
from bot.cli.output import list_format_option, print_tables
from bot.render.deliveries import deliveries_table, delivery_json
from bot.services.deliver import ENDED, OPEN, confirm, drop, retry


@click.group()
def deliveries() -> None:
    """List pending deliveries; retry, confirm or drop one."""


@deliveries.command("list")
@click.option("--all", "is_all", is_flag=True, help="Include sent, skipped and dropped ones.")
@list_format_option
@click.pass_obj
def list_(options: Options, output_format: str, *, is_all: bool) -> None:
    """List the deliveries that are pending, being sent, or failed."""
    app = options.app()
    zone = app.settings.time_zone
    with app.reading() as store:
        found = store.deliveries.in_states((*OPEN, *ENDED) if is_all else OPEN)
    if not found and output_format in {"table", "text"}:
        click.echo("no deliveries" if is_all else "no pending digests")
        return
    data = [delivery_json(each, zone) for each in found]
    print_tables(options, [deliveries_table(found, zone)], output_format, data)


@deliveries.command("retry")
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def retry_(options: Options, number: int) -> None:
    """Retry a delivery: a running worker sends it again within a minute."""
    with options.app().store() as store:
        delivery = retry(number, store, who(), now())
    click.echo(f"{delivery.what} for {delivery.channel} is pending: a running worker sends it within a minute")


@deliveries.command("confirm")
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def confirm_(options: Options, number: int) -> None:
    """Confirm that an unconfirmed delivery arrived: it counts as sent."""
    with options.app().store() as store:
        delivery = confirm(number, store.deliveries, who(), now())
    follow = "" if delivery.is_last else ": its other messages follow within a minute"
    click.echo(f"{delivery.what} for {delivery.channel} is marked as sent{follow}")


@deliveries.command("drop")
@click.argument("number", metavar="ID", type=int)
@click.option("--force", "is_forced", is_flag=True, help="Do not search the channel first.")
@click.pass_obj
def drop_(options: Options, number: int, *, is_forced: bool) -> None:
    """Drop a delivery: it is never sent, and the next digest lists its releases.

    If the delivery may have arrived, the channel is searched first; a delivery that is found counts as sent.
    """
    app = options.app()
    with app.store() as store:
        delivery = drop(number, store.deliveries, app.chat, who(), now(), is_forced=is_forced)
    of = f"{delivery.what} for {delivery.channel}"
    if delivery.state == "sent":
        click.echo(f"{of} was found in the channel: marked as sent, and its releases count as reported")
    else:
        click.echo(f"{of} is dropped and will not be sent")
