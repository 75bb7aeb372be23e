"""Durations as people write them: 90s, 10m, 1h, 1d."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,6})\s*([smhd])")


def read_duration(text: str) -> timedelta:
    """Read a duration. Raises ValueError with what would be right."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        message = f'"{text}" is no duration; say for example 90s, 10m, 1h or 1d'
        raise ValueError(message)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
