"""The command ``release-bot``, also ``python -m bot``."""

import os
import sys

# What ``signal`` wraps: that takes milliseconds to import, and Ctrl-C may come at any of them.
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]


def _end(*_: object) -> None:
    """End the process: nothing has begun yet that has to be tidied up."""
    try:
        os.write(2, b"error: interrupted\n")
    finally:
        os._exit(130)


def _nothing(*_: object) -> None:
    """Heed no further Ctrl-C: the process is ending, and what watches over it ends it at once after a second one."""


# Before anything else is imported.
if getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, _end)


def main() -> None:
    """Run the command line and leave with its exit code."""
    from bot.cli.interrupting import INTERRUPTED, end, watch
    from bot.cli.main import run

    try:
        if getsignal(SIGINT) is _end:
            signal(SIGINT, default_int_handler)
        watch()
        code = run(sys.argv[1:])
        if code == INTERRUPTED:
            signal(SIGINT, _nothing)
    except KeyboardInterrupt:
        signal(SIGINT, _nothing)
        code = INTERRUPTED
    if code == INTERRUPTED:
        # Threads that wait for an answer would hold up an ordinary end.
        end()
    sys.exit(code)


if __name__ == "__main__":
    main()
