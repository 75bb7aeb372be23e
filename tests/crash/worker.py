"""The real worker as a process of its own, in which weeks go by in seconds.

Only the clock and the waits are other than in ``release-bot run``: a week takes ``SECONDS_A_WEEK``, and what the bot
waits for in minutes is waited for in about a second. How far this worker's clock is off is read from a file, so that
it jumps while it works.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

SECONDS_A_WEEK = 4.0
_SPEED = timedelta(days=7).total_seconds() / SECONDS_A_WEEK
# In real seconds: how long after its claim a message may be sent, how long the history then takes to show it at most,
# how long an attempt is left to its worker, and how long is waited before another.
DEADLINE, SHOWN, LEASE, PAUSE = 0.8, 0.4, 4.0, 0.2
# The fake chats have less time to take what was sent than the real ones, and a busy machine.
GRACE = DEADLINE + SHOWN + 1.3
# How long a lease of a forge is, and how often it is renewed and tried.
_LENGTH, _RENEW, _TRY, _PATIENCE = 1.5, 0.3, 0.1, 2.0


def clock(began: float, at: datetime) -> Callable[[], datetime]:
    """Return a clock that showed ``at`` when the machine's showed ``began``, in seconds since 1970."""
    return lambda: (at + timedelta(seconds=(time.time() - began) * _SPEED)).astimezone(UTC).replace(microsecond=0)


def simulated(seconds: float) -> timedelta:
    """Return what goes by on the clock in so many real seconds."""
    return timedelta(seconds=seconds * _SPEED)


def jumping(right: Callable[[], datetime], off: Path) -> Callable[[], datetime]:
    """Return a clock that is off by as many seconds as stand in a file."""
    return lambda: right() + timedelta(seconds=float(off.read_text()))


def main(config: str, began: str, at: str, off: str, *options: str) -> int:
    """Set the clock, and run the command with its options as anybody would."""
    from bot.domain import backoff, clocks
    from bot.domain.digests import delivery as deliveries

    # Before any other module takes them.
    clocks.TOLERANCE = simulated(LEASE)
    deliveries.LEASE, deliveries.GRACE, deliveries.DEADLINE = simulated(LEASE), simulated(GRACE), _real(DEADLINE)
    backoff.LONGEST = simulated(2 * LEASE)
    backoff._FIRST = backoff._LONGEST = simulated(PAUSE)
    import bot.app

    bot.app.now = jumping(clock(float(began), datetime.fromisoformat(at)), Path(off))
    from bot.services import leases as leasing

    leasing.LENGTH, leasing._TRY_SECONDS = _real(_LENGTH), _TRY
    leasing.Leases.__init__.__kwdefaults__["renew"] = _RENEW  # type: ignore[index]
    import bot.worker.context
    import bot.worker.worker

    bot.worker.worker._TICK_SECONDS = bot.worker.worker.RETRY_SECONDS = 1
    bot.worker.context.Patience.__init__.__defaults__ = (75, 600, 1800, _PATIENCE)
    if options:
        from tests.worker.quick import hurry_queue

        hurry_queue()
    from bot.cli.main import run

    return run(["--config", config, "--log-level", "warning", "run", *options])


def _real(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
