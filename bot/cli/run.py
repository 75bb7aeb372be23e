"""``release-bot run``: the worker."""

import logging
import os
import signal
from threading import Event, Timer

import click

from bot.cli.context import Options
from bot.cli.main import DONE

_log = logging.getLogger(__name__)

# How long the tasks under way may take to end after SIGTERM, in seconds: systemd, Docker and
# Kubernetes kill after 10 to 90.
_PATIENCE = 8.0
_LOG_LEVEL = "info"


@click.command()
@click.pass_obj
def run(options: Options) -> None:
    """Poll and post digests on schedule, until SIGTERM; then finish what is under way and leave."""
    app = options.app(log_level=_LOG_LEVEL)
    from bot.worker import work

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: _leave(stop, number))
    # A token that was replaced in its file is to be masked too.
    work(app, stop, lambda changed: options.log(changed, _LOG_LEVEL))


def _leave(stop: Event, number: int) -> None:
    """Ask the worker to end, and see that it does; a second signal ends it at once."""
    if stop.is_set():
        os._exit(128 + number)
    stop.set()
    timer = Timer(_PATIENCE, _abandon)
    timer.daemon = True
    timer.start()


def _abandon() -> None:
    """End without the tasks that wait for an answer: what they wrote is whole, the rest is done at the next start."""
    _log.warning("stopped without waiting any longer for an answer; what was under way is done at the next start")
    logging.shutdown()
    os._exit(DONE)
