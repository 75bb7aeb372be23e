"""``release-bot web``: the web page alone."""

import signal

import click

from bot.cli.collection import collect_as_usual
from bot.cli.context import Options
from bot.cli.interrupts import SignalEvent, unwatch
from bot.config.errors import InvalidValue
from bot.config.fields import SocketAddress, read_host_and_port
from bot.domain.errors import UsageError

_LOG_LEVEL = "info"


@click.command()
@click.option("--address", metavar="HOST:PORT", help="Listen here, by default on [web] address, else 127.0.0.1:8080.")
@click.pass_obj
def web(options: Options, address: str | None) -> None:
    """Serve the web page until SIGTERM, beside any number of workers; it reads the database, and posts nothing."""
    app = options.app(log_level=_LOG_LEVEL)
    listening = None if address is None else _read(address)
    from bot.worker.pages import serve_pages

    unwatch()
    stop, received = SignalEvent(), list[int]()

    def heed(number: int) -> None:
        received.append(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: heed(number))
    collect_as_usual()
    serve_pages(
        app,
        listening,
        stop,
        tell=lambda url: click.echo(f"serving {url} until Ctrl-C or SIGTERM"),
        use_changed=lambda changed: options.log(changed, _LOG_LEVEL),
    )
    if signal.SIGINT in received:
        raise KeyboardInterrupt


def _read(address: str) -> SocketAddress:
    try:
        return read_host_and_port(address)
    except InvalidValue as error:
        raise UsageError("--address", error.what, error.hint) from error
