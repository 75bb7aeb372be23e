"""``release-bot run``: the worker."""

import signal
from threading import Event

import click

from bot.cli.context import Options


@click.command()
@click.pass_obj
def run(options: Options) -> None:
    """Poll and post digests on schedule, until SIGTERM; then finish what is under way and leave."""
    app = options.app(log_level="info")
    from bot.worker import work

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with app.store() as store:
        work(app, store, stop)
