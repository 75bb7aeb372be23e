"""``release-bot digest``: make a digest, print it, or post it."""

from collections.abc import Sequence

import click

from bot.app import App, now
from bot.cli.asking import as_of_of, as_of_option
from bot.cli.context import Options, print_json
from bot.cli.main import DONE, FAILED
from bot.domain.digests import Digest
from bot.domain.periods import AsOf
from bot.render.json_form import digest_json
from bot.services.ports import Store
from bot.services.reporting import DigestOrder, keep_digest, make_digest

_FORMATS = ["text", "markdown", "slack", "html", "json"]


@click.command()
@click.argument("name", required=False)
@as_of_option
@click.option("--format", "output_format", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--post", is_flag=True, help="Post it, unless it has been posted for its period before.")
@click.option("--channel", metavar="C", help="This channel or place alone, also one that is not configured.")
@click.pass_obj
def digest(
    options: Options, name: str | None, as_of: str | None, output_format: str, channel: str | None, *, post: bool
) -> int:
    """Make the digest NAME (the first configured one by default); without --post it is only printed."""
    app = options.known_app(log_level="error")
    with app.store() as store:
        orders = app.orders_named(name, channel, store)
        moment = as_of_of(app, as_of)
        if post:
            return _post_all(app, store, orders, moment)
        made = make_digest(orders[0], store, moment, min(now(), moment.end))
    _print(made, output_format)
    return DONE


def _post_all(app: App, store: Store, orders: Sequence[DigestOrder], moment: AsOf) -> int:
    """Post it to each of its channels. Raises UsageError where something is missing to post to any of them."""
    missing = [app.chat.missing(order.channel) for order in orders]
    if all(missing) and missing[0]:
        raise missing[0]
    return max(_post(app, store, order, moment) for order in orders)


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


def _post(app: App, store: Store, order: DigestOrder, moment: AsOf) -> int:
    missing = app.chat.missing(order.channel)
    if missing is not None:
        click.echo(f"digest {order.name} cannot be posted to {order.channel}: {missing.reason}", err=True)
        return FAILED
    made = make_digest(order, store, moment, min(now(), moment.end))
    delivery = keep_digest(order, made, app.chat, store)
    if delivery.state == "pending":
        app.courier(store).deliver(delivery)
        delivery = store.delivery_of(order.name, order.channel, made.period) or delivery
        told = {"sent": "posted to"}
    else:
        told = {"sent": "was posted before to"}
    told |= {"skipped": "is quiet, so it was not posted to", "pending": "waits to be posted to"}
    told |= {"sending": "may have been posted, without an answer, to", "failed": "could not be posted to"}
    told |= {"dropped": "was dropped, so it is not posted to"}
    reason = f": {delivery.error}" if delivery.error and delivery.state != "sent" else ""
    click.echo(f"digest {order.name} {told[delivery.state]} {order.channel}{reason}", err=delivery.state != "sent")
    return DONE if delivery.state in ("sent", "skipped") else FAILED
