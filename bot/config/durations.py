"""Durations as people write them: 90s, 10m, 1h, 1d."""

import re
from datetime import timedelta

from bot.config.errors import Refused
from bot.config.words import quoted

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,9})\s*([smhd])")
# Far beyond any use, and short enough that no date leaves the calendar.
_LONGEST = timedelta(days=3650)


def read_duration(text: str) -> timedelta:
    """Read a duration. Raises Refused, with what would be right."""
    read = _DURATION.fullmatch(text.strip())
    if read is None:
        raise Refused(f"{quoted(text)} is no duration", "say for example 90s, 10m, 1h or 1d")
    duration = timedelta(**{_UNITS[read[2]]: int(read[1])})
    if duration > _LONGEST:
        raise Refused(f"{quoted(text)} is too long", f"the most is {_LONGEST.days}d")
    return duration
