"""Digests follow each other without gap or overlap, also over a change of the time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digests.continuity import PastDigest, PastPeriod, continued, is_retold, previous_of, since_meeting
from bot.domain.periods.period import Period, midnight
from tests.builders import PARIS, paris

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
WEEK = timedelta(days=7)


def week(monday: date, zone: ZoneInfo, days: int = 7) -> Period:
    return Period(midnight(monday, zone), midnight(monday + timedelta(days=days), zone), zone)


def past(period: Period) -> PastPeriod:
    return PastPeriod(period.start, period.end, period.zone.key)


MONDAYS = st.integers(0, 1_000).map(lambda number: date(2010, 1, 4) + number * WEEK)


@given(MONDAYS, ZONES, ZONES)
def test_the_same_week_in_another_zone_is_the_same_and_the_next_begins_where_it_ended(
    monday: date, before: ZoneInfo, after: ZoneInfo
) -> None:
    told = [past(week(monday, before))]
    assert is_retold(week(monday, after), told) == (before.key != after.key)
    following = week(monday + WEEK, after)
    assert not is_retold(following, told)
    assert continued(following, told).start == told[0].end
    assert continued(following, told).end == following.end


@given(MONDAYS, ZONES, st.integers(1, 20))
def test_in_one_zone_periods_are_as_they_are(monday: date, zone: ZoneInfo, weeks: int) -> None:
    told = [past(week(monday - number * WEEK, zone)) for number in range(1, weeks + 1)]
    assert continued(week(monday, zone), told) == week(monday, zone)
    assert not is_retold(week(monday, zone), told)


def test_the_day_before_is_another_day_in_any_zone_near_by() -> None:
    day = week(date(2021, 2, 22), ZoneInfo("UTC"), days=1)
    assert not is_retold(day, [past(week(date(2021, 2, 21), PARIS, days=1))])
    assert is_retold(day, [past(week(date(2021, 2, 22), PARIS, days=1))])
    assert is_retold(day, [past(week(date(2021, 2, 22), ZoneInfo("Asia/Vladivostok"), days=1))])


def test_a_period_from_the_beginning_of_history_begins_there() -> None:
    everything = Period(None, paris("2021-02-22"), ZoneInfo("UTC"))
    assert continued(everything, [PastPeriod(None, datetime(2021, 2, 15, tzinfo=PARIS), "Europe/Paris")]) == everything


def a_digest(number: int, period: Period, slot: datetime, due: datetime | None = None) -> PastDigest:
    return PastDigest(number, period.start, period.end, period.zone.key, slot, slot, slot=slot, due=due)


def test_moments_of_a_period_that_goes_on_have_each_a_digest() -> None:
    january = Period(paris("2021-01-01"), paris("2021-02-01"), PARIS)
    first, second = paris("2021-01-04T09:00"), paris("2021-01-11T09:00")
    early = a_digest(1, january, first)
    assert early.is_of(january, first)
    assert not early.is_of(january, second)
    assert early.is_before(january.end, second)
    assert previous_of([early, a_digest(2, january, second)], january.end, paris("2021-01-18T09:00")) == a_digest(
        2, january, second
    )


def test_a_period_that_was_over_has_one_digest_whatever_moments_share_it() -> None:
    december = Period(paris("2020-12-01"), paris("2021-01-01"), PARIS)
    first, second = paris("2021-01-04T09:00"), paris("2021-01-11T09:00")
    assert a_digest(1, december, first).is_of(december, second)
    made_late = a_digest(1, Period(december.start, paris("2021-01-08"), PARIS), second, due=first)
    assert not made_late.is_of(Period(december.start, paris("2021-01-08"), PARIS), second + WEEK)


def test_since_the_last_meeting_is_from_its_day_to_the_slot_and_never_the_slots_own_day() -> None:
    meetings = [date(2021, 1, 14), date(2021, 2, 11), date(2021, 3, 11)]
    slot = paris("2021-03-11T09:00")
    period = since_meeting(meetings, "0 9 * * *", slot, PARIS)
    assert (period.start, period.end, period.asked) == (paris("2021-02-11T00:00"), slot, "since-meeting")
    assert since_meeting(meetings, "0 9 * * *", paris("2021-03-12T09:00"), PARIS).start == paris("2021-03-11T00:00")
    first = since_meeting(meetings, "0 9 * * *", paris("2021-01-14T09:00"), PARIS)
    assert first.start == paris("2021-01-13T09:00")
