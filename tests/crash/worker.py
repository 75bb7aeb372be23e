"""The real worker as a process of its own, in which weeks go by in seconds.

Only the clock and the waits that are counted by it are other than in ``release-bot run``: a week takes
``SECONDS_A_WEEK``, and what the bot waits for in minutes is waited for in about a second.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SECONDS_A_WEEK = 4.0
_SPEED = timedelta(days=7).total_seconds() / SECONDS_A_WEEK
# How long an attempt is left to its worker, and a message to the history, in real seconds: longer than the fake
# Slack takes for anything.
LEASE, GRACE, PAUSE = 1.5, 0.3, 0.2


def clock(began: float, at: datetime) -> Callable[[], datetime]:
    """Give a clock that showed ``at`` when the machine's showed ``began``, in seconds since 1970."""
    return lambda: (at + timedelta(seconds=(time.time() - began) * _SPEED)).astimezone(UTC).replace(microsecond=0)


def simulated(seconds: float) -> timedelta:
    """Give what goes by on the clock in so many real seconds."""
    return timedelta(seconds=seconds * _SPEED)


def main(config: str, began: str, at: str) -> int:
    """Set the clock, and run the command as anybody would."""
    import bot.app
    from bot.domain import deliveries

    bot.app.now = clock(float(began), datetime.fromisoformat(at))
    deliveries.LEASE, deliveries.GRACE = simulated(LEASE), simulated(GRACE)
    deliveries._FIRST = deliveries._LONGEST = simulated(PAUSE)
    import bot.worker

    bot.worker._TICK_SECONDS = bot.worker._RETRY_SECONDS = 1
    from bot.cli.main import run

    return run(["--config", config, "--log-level", "warning", "run"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
