"""``release-bot digest``: make a digest, print it, or post it."""

from collections.abc import Sequence
from dataclasses import replace

import click

from bot.app import App, now
from bot.cli.asking import as_of_of, as_of_option
from bot.cli.context import Options, print_json
from bot.cli.main import DONE, FAILED
from bot.domain.digests import Digest
from bot.domain.errors import UsageError
from bot.domain.periods import AsOf
from bot.render.json_form import digest_json
from bot.render.words import moment_words
from bot.services.ports import Delivery, Store
from bot.services.reporting import DigestOrder, keep_digest, make_digest

_FORMATS = ["text", "markdown", "slack", "html", "json"]


@click.command()
@click.argument("name", required=False)
@as_of_option
@click.option("--format", "output_format", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--post", is_flag=True, help="Post it, once for each moment of its schedule.")
@click.option("--again", is_flag=True, help="With --post: post it once more, with all that it said.")
@click.option("--channel", metavar="C", help="This channel or place alone, also one that is not configured.")
@click.pass_obj
def digest(
    options: Options,
    name: str | None,
    as_of: str | None,
    output_format: str,
    channel: str | None,
    *,
    post: bool,
    again: bool,
) -> int:
    """Make the digest NAME (the first configured one by default); without --post it is only printed."""
    if again and not post:
        raise UsageError("--again", "posts a digest once more", "add --post; without it the digest is only printed")
    app = options.known_app(log_level="error", writes=post)
    with app.store() if post else app.reading() as store:
        orders = app.orders_named(name, channel, store)
        moment = as_of_of(app, as_of)
        if post:
            return _post_all(app, store, orders, moment, again=again)
        made = _made(orders[0], store, moment)
    _print(made, output_format)
    return DONE


def _made(order: DigestOrder, store: Store, moment: AsOf) -> Digest:
    read_at = now()
    made = make_digest(order, store, moment, min(read_at, moment.end))
    return replace(made, ledger=replace(made.ledger, observed_at=read_at))


def _post_all(app: App, store: Store, orders: Sequence[DigestOrder], moment: AsOf, *, again: bool) -> int:
    """Post it to each of its channels. Raises UsageError where something is missing to post to any of them."""
    missing = [app.chat.missing(order.channel) for order in orders]
    if all(missing) and missing[0]:
        raise missing[0]
    return max(_post(app, store, order, moment, again=again) for order in orders)


def _print(made: Digest, output_format: str) -> None:
    match output_format:
        case "json":
            print_json(digest_json(made))
        case "slack":
            from bot.slack.blocks import render_digest

            message = render_digest(made)
            print_json({"text": message.text, "blocks": message.blocks})
        case "html":
            from bot.render.digest_html import digest_html

            click.echo(digest_html(made))
        case "markdown":
            from bot.render.digest_markdown import digest_markdown

            click.echo(digest_markdown(made))
        case _:
            from bot.render.digest_text import digest_text

            click.echo(digest_text(made))


def _post(app: App, store: Store, order: DigestOrder, moment: AsOf, *, again: bool) -> int:
    missing = app.chat.missing(order.channel)
    if missing is not None:
        click.echo(f"digest {order.name} cannot be posted to {order.channel}: {missing.reason}", err=True)
        return FAILED
    delivery = keep_digest(order, _made(order, store, moment), app.chat, store, again=again)
    if delivery.state == "pending":
        app.courier(store).deliver(delivery)
        delivery = store.delivery(delivery.id) or delivery
        told = {"sent": f"posted to {order.channel}"}
    else:
        told = {"sent": _posted_before(delivery, app)}
    told |= {"skipped": f"is quiet, so it was not posted to {order.channel}"}
    told |= {"pending": f"waits to be posted to {order.channel}", "failed": f"could not be posted to {order.channel}"}
    told |= {"sending": f"may have been posted, without an answer, to {order.channel}"}
    told |= {"dropped": f"was dropped, so it is not posted to {order.channel}"}
    reason = f": {delivery.error}" if delivery.error and delivery.state != "sent" else ""
    line = f"digest {order.name} {told[delivery.state]}{reason}{_what_to_do(delivery)}"
    click.echo(line, err=delivery.state != "sent")
    return DONE if delivery.state in ("sent", "skipped") else FAILED


def _posted_before(delivery: Delivery, app: App) -> str:
    zone = app.settings.time_zone
    when = f" on {moment_words(delivery.attempted_at, zone)}" if delivery.attempted_at else ""
    return f"was posted to {delivery.channel} before{when}; to post it once more: --post --again"


def _what_to_do(delivery: Delivery) -> str:
    """Say what to do about a delivery that is not settled: this command tries nothing again."""
    if delivery.state == "pending":
        return "; run it again, or leave it to a running worker"
    if delivery.state == "sending":
        seen, missing = (f"release-bot deliveries {what} {delivery.id}" for what in ("confirm", "retry"))
        return f"; look into the channel: if it is there, {seen}; if not, {missing}"
    return ""
