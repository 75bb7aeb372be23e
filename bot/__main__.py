"""The command ``release-bot``, also ``python -m bot``."""

import gc
import os
import sys

# What ``signal`` wraps: that takes milliseconds to import, and Ctrl-C may come at any of them.
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]


def _end(*_: object) -> None:
    """End the process: nothing has begun yet that needs cleaning up."""
    try:
        os.write(2, b"interrupted\n")
    finally:
        os._exit(130)


# Before anything else is imported.
if getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, _end)


def main() -> None:
    """Run the command line and leave with its exit code."""
    from bot.cli.collection import collect_seldom

    collect_seldom()
    from bot.cli.interrupts import INTERRUPTED, end, watch
    from bot.cli.main import run

    try:
        if getsignal(SIGINT) is _end:
            signal(SIGINT, default_int_handler)
        watch()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    # Nor does the interpreter have to look once more at its end.
    gc.freeze()
    if code == INTERRUPTED:
        # Threads that wait for an answer would hold up an ordinary end.
        end()
    sys.exit(code)


if __name__ == "__main__":
    main()
