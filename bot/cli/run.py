"""``release-bot run``: the worker."""

import logging
import signal
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic, sleep

import click

from bot.app import App
from bot.cli.collection import collect_as_usual
from bot.cli.context import Options
from bot.cli.interrupts import PATIENCE, SignalEvent, end, leave, unwatch
from bot.cli.main import DONE

_log = logging.getLogger(__name__)

# How long running tasks may take to end after SIGTERM, in seconds: systemd, Docker and
# Kubernetes kill after 10 to 90.
_PATIENCE = 8.0
# How long a post in progress may take after Ctrl-C, and how often to check, in seconds.
_POSTING, _LOOK = 10.0, 0.05
_LOG_LEVEL = "info"


@click.command()
@click.option("--queue", "is_queued", is_flag=True, help="Share a queue of jobs with other workers (PostgreSQL only).")
@click.pass_obj
def run(options: Options, *, is_queued: bool) -> None:
    """Poll and post digests on schedule until SIGTERM; then finish running tasks and exit."""
    app = options.app(log_level=_LOG_LEVEL)
    from bot.worker.worker import IN_PROCESS, work

    engine = IN_PROCESS
    if is_queued:
        from bot.worker.queue.engine import QUEUED

        engine = QUEUED

    unwatch()
    leaving = _Leaving(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: leaving.heed(number))
    collect_as_usual()

    def use_changed(changed: App) -> None:
        leaving.app = changed
        # Mask a token that was replaced in its file too.
        options.log(changed, _LOG_LEVEL)

    work(app, leaving.stop, use_changed, engine=engine)
    if leaving.number == signal.SIGINT:
        raise KeyboardInterrupt


@dataclass
class _Leaving:
    """The shutdown of the worker: started by a signal, enforced by a thread, immediate after a second signal."""

    app: App
    stop: SignalEvent = field(default_factory=SignalEvent)
    number: int = 0

    def heed(self, number: int) -> None:
        """Start the shutdown, and enforce it."""
        if self.stop.is_set():
            leave(128 + number)
        self.number = number
        self.stop.set()
        Thread(target=self._enforce, daemon=True).start()

    def _enforce(self) -> None:
        """End without the tasks that wait for an answer: what they wrote is complete, the next start does the rest.

        After Ctrl-C wait only for a post in progress, until its outcome is recorded.
        """
        begun = last = monotonic()
        if self.number == signal.SIGTERM:
            sleep(_PATIENCE)
        while self.number == signal.SIGINT and monotonic() - last < PATIENCE and monotonic() - begun < _POSTING:
            sleep(_LOOK)
            if self.app.posting.is_under_way:
                last = monotonic()
        _log.warning("stopped without waiting for an answer; unfinished tasks continue at the next start")
        logging.shutdown()
        if self.number == signal.SIGINT:
            end()
        leave(DONE)
