"""The command ``release-bot``, also ``python -m bot``."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from bot.cli.interrupting import INTERRUPTED, end, watch

    watch()
    try:
        from bot.cli.main import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        # Threads that wait for an answer would hold up an ordinary end.
        end()
    sys.exit(code)


if __name__ == "__main__":
    main()
