"""``release-bot digest``: make a digest and print or post it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bot.app import App, now
from bot.cli.completion import values
from bot.cli.context import Options, print_json
from bot.cli.main import DONE, FAILED
from bot.cli.progress import progress
from bot.cli.query_options import as_of_of, as_of_option
from bot.commands.post import DigestPosted, send_kept
from bot.domain.digests.digest import Digest
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.render.json_form import digest_json
from bot.render.markup import TEXT
from bot.render.words import moment_words
from bot.services.digests import DigestOrder, keep_digest, make_digest, with_page

if TYPE_CHECKING:
    from bot.store.store import Store

_FORMATS = ["text", "markdown", "slack", "html", "json"]


@click.command()
@click.argument("name", required=False, shell_complete=values.digests)
@as_of_option
@click.option(
    "--format", "output_format", type=click.Choice(_FORMATS), default="text", show_default=True, help="Output format."
)
@click.option(
    "--post", is_flag=True, help="Post it; a digest already posted for this date of its schedule is not posted again."
)
@click.option("--again", is_flag=True, help="With --post: post it again, with all its releases.")
@click.option("--channel", metavar="C", help="Only this channel or place, which need not be configured.")
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
    """Make the digest NAME, by default the first configured one, and print it; with --post, post it."""
    if again and not post:
        raise UsageError("--again", "only valid with --post", "add --post, or remove --again")
    app = options.known_app(log_level="error", writes=post)
    with app.store() if post else app.reading() as store:
        orders = app.orders_named(name, channel, store)
        moment = as_of_of(app, as_of)
        if post:
            return _post_all(app, store, orders, moment, again=again)
        with progress("making the digest"):
            made = with_page(orders[0], made_now(orders[0], store, moment), store)
    _print(made, output_format)
    return DONE


def made_now(order: DigestOrder, store: "Store", moment: AsOf) -> Digest:
    """Make a digest as seen from a moment; it is not kept."""
    read_at = now()
    made = make_digest(order, store, moment, min(read_at, moment.end))
    return replace(made, ledger=replace(made.ledger, observed_at=read_at))


def _post_all(app: App, store: "Store", orders: Sequence[DigestOrder], moment: AsOf, *, again: bool) -> int:
    """Post a digest to each of its channels, and return the exit code. Raises UsageError if none can be posted to."""
    missing = [app.chat.missing(order.channel) for order in orders]
    if all(missing) and missing[0]:
        raise missing[0]
    return max(_post(app, store, order, moment, again=again) for order in orders)


def _print(made: Digest, output_format: str) -> None:
    match output_format:
        case "json":
            print_json(digest_json(made))
        case "slack":
            from bot.chats.slack.blocks import render_digest

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


def _post(app: App, store: "Store", order: DigestOrder, moment: AsOf, *, again: bool) -> int:
    missing = app.chat.missing(order.channel)
    if missing is not None:
        click.echo(f"digest {order.name} cannot be posted to {order.channel}: {missing.reason}", err=True)
        return FAILED
    with progress(f"posting digest {order.name} to {order.channel}"):
        kept = keep_digest(order, made_now(order, store, moment), app.chat, store, again=again)
        posted = send_kept(order, kept, app.delivery_sender(store), store.deliveries)
    click.echo(posted.words(TEXT) + _what_to_do(posted, app), err=posted.state != "sent")
    return DONE if posted.state in ("sent", "skipped") else FAILED


def _what_to_do(posted: DigestPosted, app: App) -> str:
    """Return what to do about a delivery: this command does not retry."""
    delivery = posted.delivery
    if delivery is None:
        return ""
    if posted.state == "sent" and posted.was_there:
        when = f" on {moment_words(delivery.attempted_at, app.settings.time_zone)}" if delivery.attempted_at else ""
        return f"{when}; to post it again, use --post --again"
    if posted.state == "pending":
        return "; run the command again, or leave it to a running worker"
    if posted.state == "sending":
        seen, lost = (f"release-bot deliveries {what} {delivery.id}" for what in ("confirm", "retry"))
        return f"; check the channel: if the digest is there, run {seen}; if not, {lost}"
    return ""
