"""When a digest is due: crontab schedules in a named zone, right over daylight-saving changes.

A time that comes twice in autumn is due once, and one that is left out in spring
is due at the next moment that exists, as Debian's cron has it (done by cronsim).
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from bot.domain.errors import UsageError

_FIELDS = 5


def check_schedule(text: str) -> None:
    """Raise UsageError unless the text is a crontab schedule that names weekdays by name.

    Numbers of weekdays are refused because programs disagree on them: 1 is Monday
    for cron and Tuesday for APScheduler.
    """
    fields = text.split()
    if len(fields) != _FIELDS:
        what = (
            f'"{text}" has {len(fields)} {"field" if len(fields) == 1 else "fields"}, a crontab schedule has {_FIELDS}'
        )
        raise UsageError("schedule", what, 'write minute hour day month weekday, for example "0 9 * * mon"')
    if re.search(r"[0-9]", fields[-1].partition("#")[0].partition("/")[0]):
        what = f'"{text}" gives the weekday by number'
        raise UsageError("schedule", what, 'write its name, for example "0 9 * * mon" or "0 9 * * mon-fri"')
    try:
        next(CronSim(text, datetime(2021, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration) as error:
        reason = str(error) or "it never comes due"
        raise UsageError("schedule", f'invalid schedule "{text}" ({reason})', 'example: "0 9 * * mon"') from error


def next_due(schedule: str, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first moment later than ``after`` at which the schedule is due, in the zone."""
    return _in_zone(next(CronSim(schedule, after.astimezone(zone))), zone)


def last_due(schedule: str, zone: ZoneInfo, until: datetime) -> datetime:
    """Return the latest moment up to and including ``until`` at which the schedule was due, in the zone."""
    after = until.replace(microsecond=0) + timedelta(seconds=1)
    return _in_zone(next(CronSim(schedule, after.astimezone(zone), reverse=True)), zone)


def all_due(schedule: str, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Return every moment later than ``after``, up to and including ``until``, at which the schedule was due."""
    found = []
    moment = next_due(schedule, zone, after)
    while moment <= until:
        found.append(moment)
        moment = next_due(schedule, zone, moment)
    return found


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(UTC).astimezone(zone)
