"""``python -m tests.docs.travelled SECONDS ...``: the program, whose clock is so many seconds ahead."""

import sys
from datetime import timedelta

import time_machine

from bot.__main__ import main
from bot.app import now

if __name__ == "__main__":
    ahead = timedelta(seconds=float(sys.argv.pop(1)))
    with time_machine.travel(now() + ahead):
        main()
