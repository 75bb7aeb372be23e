"""The days of meetings: a list in the file, or a calendar beside it."""

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.config.errors import ConfigErrors, InvalidValue
from bot.config.meetings import read_calendar
from tests.config.files import BASE, settings
from tests.config.files import DIGEST as DIGEST_OF_A_WEEK

DIGEST = re.sub("period = .*\n", "", DIGEST_OF_A_WEEK)
SINCE_MEETING = 'period = "since-meeting"\n'
PARIS = ZoneInfo("Europe/Paris")
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Paris:20210107T100000
RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4
EXDATE;TZID=Europe/Paris:20210121T100000
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20210305T233000Z
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20210401
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20210402
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_the_days_of_a_calendar_are_those_of_its_events_in_the_zone(tmp_path: Path) -> None:
    file = tmp_path / "meetings.ics"
    file.write_text(CALENDAR)
    assert read_calendar(file, PARIS) == (
        date(2021, 1, 7),
        date(2021, 2, 4),
        date(2021, 2, 18),
        date(2021, 3, 6),
        date(2021, 4, 2),
    )
    file.write_text(CALENDAR.replace("20210402", "20210403"))
    assert read_calendar(file, PARIS)[-1] == date(2021, 4, 3)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"no calendar", 'calendar file "meetings.ics" is not an iCalendar file'),
        (b"x" * 2_000_001, 'calendar file "meetings.ics" is larger than 2 MB'),
        (None, 'calendar file "meetings.ics" cannot be read (No such file or directory)'),
    ],
)
def test_what_is_no_calendar_is_said(tmp_path: Path, content: bytes | None, what: str) -> None:
    file = tmp_path / "meetings.ics"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidValue) as raised:
        read_calendar(file, PARIS)
    assert raised.value.what == what


def test_a_digest_has_the_days_that_are_listed_or_in_its_file(tmp_path: Path) -> None:
    meeting = f"{DIGEST}{SINCE_MEETING}"
    listed = settings(BASE + meeting + 'meetings = ["2021-03-12", 2021-04-16]\n', tmp_path)
    assert listed.orders((), (), ())[0].meetings == [date(2021, 3, 12), date(2021, 4, 16)]
    (tmp_path / "meetings.ics").write_text(CALENDAR)
    named = settings(BASE + meeting + 'meetings = "meetings.ics"\n', tmp_path)
    assert len(named.orders((), (), ())[0].meetings) == 5
    assert named.calendar_files == (tmp_path / "meetings.ics",)


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        (
            "",
            'period "since-meeting" requires meetings; example: meetings = ["2026-03-12"]',
        ),
        ('meetings = ["12 March"]', 'meetings: invalid date "12 March"; example: "2026-03-12"'),
        ('meetings = "gone.ics"', 'meetings: calendar file "gone.ics" cannot be read (No such file or directory)'),
    ],
)
def test_what_is_missing_or_wrong_is_one_line(tmp_path: Path, keys: str, mistake: str) -> None:
    with pytest.raises(ConfigErrors) as raised:
        settings(f"{BASE}{DIGEST}{SINCE_MEETING}{keys}\n", tmp_path)
    assert any(mistake in str(each) for each in raised.value.errors)
