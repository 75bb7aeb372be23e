"""``release-bot run``: the worker."""

import logging
import signal
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic, sleep

import click

from bot.app import App
from bot.cli.context import Options
from bot.cli.interrupting import PATIENCE, end, leave, unwatch
from bot.cli.main import DONE

_log = logging.getLogger(__name__)

# How long the tasks under way may take to end after SIGTERM, in seconds: systemd, Docker and
# Kubernetes kill after 10 to 90.
_PATIENCE = 8.0
# How long what is being posted may take after Ctrl-C, in seconds, and how often that is looked at.
_POSTING, _LOOK = 10.0, 0.05
_LOG_LEVEL = "info"


@click.command()
@click.pass_obj
def run(options: Options) -> None:
    """Poll and post digests on schedule, until SIGTERM; then finish what is under way and leave."""
    app = options.app(log_level=_LOG_LEVEL)
    from bot.worker import work

    leaving = _Leaving(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: leaving.heed(number))
    unwatch()

    def take_up(changed: App) -> None:
        leaving.app = changed
        # A token that was replaced in its file is to be masked too.
        options.log(changed, _LOG_LEVEL)

    work(app, leaving.stop, take_up)
    if leaving.number == signal.SIGINT:
        raise KeyboardInterrupt


@dataclass
class _Leaving:
    """The end of the worker: asked for by a signal, seen to by a thread, and at once by a second signal."""

    app: App
    stop: Event = field(default_factory=Event)
    number: int = 0

    def heed(self, number: int) -> None:
        """Ask the worker to end, and see that it does."""
        if self.stop.is_set():
            leave(128 + number)
        self.number = number
        self.stop.set()
        Thread(target=self._see_to_it, daemon=True).start()

    def _see_to_it(self) -> None:
        """End without the tasks that wait for an answer: what they wrote is whole, the rest is done at the next start.

        After Ctrl-C only what is being posted is waited for, and that its outcome is recorded.
        """
        begun = last = monotonic()
        if self.number == signal.SIGTERM:
            sleep(_PATIENCE)
        while self.number == signal.SIGINT and monotonic() - last < PATIENCE and monotonic() - begun < _POSTING:
            sleep(_LOOK)
            if self.app.posting.is_under_way:
                last = monotonic()
        _log.warning("stopped without waiting any longer for an answer; what was under way is done at the next start")
        logging.shutdown()
        if self.number == signal.SIGINT:
            end()
        leave(DONE)
