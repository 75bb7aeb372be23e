"""A date and time in digits: ``2021-02-22T14:00``, with seconds and an offset where they are given.

The date may be written in any way that ``digits`` reads: ``22/02/2021 14:00``.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain.periods.days import FIRST_YEAR, LAST_YEAR
from bot.domain.periods.digits import date_in

_MOMENT = re.compile(r"([0-9./-]+)[t ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?)")


def moment_in(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a moment written in lower case, in the zone unless it names an offset; None if it is none.

    Raises ValueError for a day or hour that does not exist, or is out of the years asked for,
    AmbiguousDate for a date with two readings.
    """
    found = _MOMENT.fullmatch(text)
    day = date_in(found[1]) if found else None
    if found is None or day is None:
        return None
    read = datetime.fromisoformat(f"{day.isoformat()}T{found[2].upper()}")
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise ValueError(text)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC).astimezone(zone)
