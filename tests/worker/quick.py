"""The real worker, which looks for changes and takes over leases sooner than ``release-bot run``: tests wait for it."""

import sys
from datetime import timedelta

# In seconds: how long a lease is, how often it is renewed and tried, and how often changes are looked for.
LEASE, _RENEW, _TRY, _RELOAD = 6.0, 1.0, 0.3, 0.5


def main() -> int:
    """Shorten what is waited for, and run the command as anybody would."""
    from bot.services import leases
    from bot.worker import reload

    leases.LENGTH, leases._TRY_SECONDS = timedelta(seconds=LEASE), _TRY
    leases.Leases.__init__.__kwdefaults__["renew"] = _RENEW  # type: ignore[index]
    reload._RELOAD_SECONDS = _RELOAD  # type: ignore[assignment]
    from bot.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
