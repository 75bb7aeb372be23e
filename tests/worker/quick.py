"""The real worker, which looks for changes and takes over leases sooner than ``release-bot run``: tests wait for it."""

import sys
from datetime import timedelta

# In seconds: how long a lease is, how often it is renewed and tried, and how often changes are looked for.
LEASE, _RENEW, _TRY, _RELOAD = 6.0, 1.0, 0.3, 0.5

# The same for a queue, in seconds: signs of life, looks for jobs, and how old the last sign of a dead worker is.
_BEAT, _FETCH, _STALLED = 0.3, 0.5, 2


def main() -> int:
    """Shorten what is waited for, and run the command as anybody would."""
    from bot.services import leases
    from bot.worker import reload
    from bot.worker.tasks import poll

    leases.LENGTH, leases._TRY_SECONDS = timedelta(seconds=LEASE), _TRY
    leases.Leases.__init__.__kwdefaults__["renew"] = _RENEW  # type: ignore[index]
    poll.LENGTH = leases.LENGTH  # type: ignore[attr-defined]
    reload._RELOAD_SECONDS = _RELOAD  # type: ignore[assignment]
    if "--queue" in sys.argv:
        hurry_queue()
    from bot.cli.main import run

    return run(sys.argv[1:])


def hurry_queue() -> None:
    """Shorten how long a worker of a queue counts as alive without a sign of life, and what it waits for."""
    from bot.worker.queue import engine, jobs

    engine.HEARTBEAT_SECONDS, engine.FETCH_SECONDS, engine.PAUSE_SECONDS = _BEAT, _FETCH, _BEAT
    jobs.RESCUE_SECONDS, jobs.STALLED_SECONDS = 1, _STALLED


if __name__ == "__main__":
    sys.exit(main())
