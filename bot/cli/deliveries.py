"""``release-bot deliveries``: the digests on their way to their channels, and what to do about those that are stuck."""

import click

from bot.app import now, who
from bot.cli.context import Options, format_option, is_json, print_json
from bot.render.deliveries import deliveries_table, delivery_json
from bot.services.delivering import ENDED, OPEN, confirm, drop, retry


@click.group()
def deliveries() -> None:
    """List deliveries that are not sent; send one again, or never."""


@deliveries.command("list")
@click.option("--all", "is_all", is_flag=True, help="Those too that were sent, skipped or dropped.")
@format_option
@click.pass_obj
def list_(options: Options, output_format: str, *, is_all: bool) -> None:
    """List the deliveries that are pending, being sent, or failed."""
    app = options.app()
    zone = app.settings.time_zone
    with app.reading() as store:
        found = store.deliveries((*OPEN, *ENDED) if is_all else OPEN)
    if is_json(output_format):
        print_json([delivery_json(each, zone) for each in found])
    elif found:
        options.out.print(deliveries_table(found, zone))
    else:
        click.echo("no delivery" if is_all else "nothing waits: every digest was sent, skipped or dropped")


@deliveries.command("retry")
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def retry_(options: Options, number: int) -> None:
    """Send a delivery again; a running worker does it within a minute."""
    with options.app().store() as store:
        delivery = retry(number, store, who(), now())
    click.echo(f"digest {delivery.digest} for {delivery.channel} is pending: a running worker sends it within a minute")


@deliveries.command("confirm")
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def confirm_(options: Options, number: int) -> None:
    """Say that a delivery in doubt arrived: it is not sent again."""
    with options.app().store() as store:
        delivery = confirm(number, store, who(), now())
    click.echo(f"digest {delivery.digest} for {delivery.channel} is sent")


@deliveries.command("drop")
@click.argument("number", metavar="ID", type=int)
@click.option("--force", "is_forced", is_flag=True, help="Do not search the channel: the digest is known to be absent.")
@click.pass_obj
def drop_(options: Options, number: int, *, is_forced: bool) -> None:
    """Never send a delivery; the next digest tells its releases as late.

    Searches the channel first where the delivery may have arrived; a delivery that is found counts as sent.
    """
    app = options.app()
    with app.store() as store:
        delivery = drop(number, store, app.chat, who(), now(), is_forced=is_forced)
    of = f"digest {delivery.digest} for {delivery.channel}"
    if delivery.state == "sent":
        click.echo(f"{of} was found in the channel: it is sent, and its releases count as reported")
    else:
        click.echo(f"{of} is dropped: it is never sent")
