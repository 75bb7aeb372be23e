"""Intervals in words: the phrases that people use, and the one interval that each means."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.periods.numbers import MONTHS, UNITS, WEEKDAYS
from bot.domain.periods.period import AsOf
from bot.domain.periods.phrases import RELATIVE_WORDS
from bot.domain.periods.spans import SPAN_WORDS, Reader, ReleaseEdge, Span
from bot.domain.periods.tokens import tokens_of
from tests.builders import PARIS, as_of, paris

SLIDE_DAY = as_of("2021-02-22T14:00")  # a Monday


def read(text: str, looking_from: AsOf = SLIDE_DAY) -> Span | None:
    """Read a text that is an interval and nothing else."""
    words = [token.text for token in tokens_of(text)]
    found = Reader(looking_from, lambda word: word.startswith("v7")).read(words, 0)
    return found[0] if found and found[1] == len(words) else None


CALENDAR = {
    "today": ("2021-02-22", "2021-02-23"),
    "yesterday": ("2021-02-21", "2021-02-22"),
    "the day before yesterday": ("2021-02-20", "2021-02-21"),
    "on Monday": ("2021-02-15", "2021-02-16"),
    "last Friday": ("2021-02-19", "2021-02-20"),
    "this week": ("2021-02-22", "2021-03-01"),
    "last week": ("2021-02-15", "2021-02-22"),
    "in last month": ("2021-01-01", "2021-02-01"),
    "last month": ("2021-01-01", "2021-02-01"),
    "the previous month": ("2021-01-01", "2021-02-01"),
    "in the last calendar month": ("2021-01-01", "2021-02-01"),
    "in March of this year": ("2021-03-01", "2021-04-01"),
    "in March of last year": ("2020-03-01", "2020-04-01"),
    "in March of next year": ("2022-03-01", "2022-04-01"),
    "the current quarter": ("2021-01-01", "2021-04-01"),
    "last quarter": ("2020-10-01", "2021-01-01"),
    "last year": ("2020-01-01", "2021-01-01"),
    "in January": ("2021-01-01", "2021-02-01"),
    "in February": ("2021-02-01", "2021-03-01"),
    "in March": ("2020-03-01", "2020-04-01"),
    "in March 2019": ("2019-03-01", "2019-04-01"),
    "in january of last year": ("2020-01-01", "2020-02-01"),
    "in Sept": ("2020-09-01", "2020-10-01"),
    "in January and February": ("2021-01-01", "2021-03-01"),
    "Q1 2025": ("2025-01-01", "2025-04-01"),
    "2020 q4": ("2020-10-01", "2021-01-01"),
    "in q3": ("2020-07-01", "2020-10-01"),
    "in the first quarter": ("2021-01-01", "2021-04-01"),
    "in the 4th quarter of 2019": ("2019-10-01", "2020-01-01"),
    "the second half of 2020": ("2020-07-01", "2021-01-01"),
    "H1 2020": ("2020-01-01", "2020-07-01"),
    "week 7": ("2021-02-15", "2021-02-22"),
    "week 53 of 2020": ("2020-12-28", "2021-01-04"),
    "2021-W07": ("2021-02-15", "2021-02-22"),
    "2021-02": ("2021-02-01", "2021-03-01"),
    "in 2020": ("2020-01-01", "2021-01-01"),
    "on 15 February": ("2021-02-15", "2021-02-16"),
    "Feb 3rd": ("2021-02-03", "2021-02-04"),
    "the 15th of March 2020": ("2020-03-15", "2020-03-16"),
    "on 15 March": ("2020-03-15", "2020-03-16"),
    "29 February": ("2020-02-29", "2020-03-01"),
    "on the 15th": ("2021-02-15", "2021-02-16"),
    "on the 28th": ("2021-01-28", "2021-01-29"),
    "15.01.2021": ("2021-01-15", "2021-01-16"),
    "on 2021-02-15": ("2021-02-15", "2021-02-16"),
    "between 1 and 15 March": ("2020-03-01", "2020-03-16"),
    "1-15 January": ("2021-01-01", "2021-01-16"),
    "between 1-15 January": ("2021-01-01", "2021-01-16"),
    "from March to January 2020": None,
    "from November to January 2020": ("2019-11-01", "2020-02-01"),
    "from 1 to 15 january 2021": ("2021-01-01", "2021-01-16"),
    "between January and March 2020": ("2020-01-01", "2020-04-01"),
    "from November to January": ("2020-11-01", "2021-02-01"),
    "from 20 Dec till 4 Jan": ("2020-12-20", "2021-01-05"),
    "between 2020-12-24 and 2021-01-06": ("2020-12-24", "2021-01-07"),
    "between Q1 2020 and Q2 2020": ("2020-01-01", "2020-07-01"),
    "in the week of 10 February": ("2021-02-08", "2021-02-15"),
    "week of 2020-03-01": ("2020-02-24", "2020-03-02"),
    "in January and February 2020": ("2020-01-01", "2020-03-01"),
    "in January, February and March 2020": ("2020-01-01", "2020-04-01"),
    "in 2018, 2019 and 2020": ("2018-01-01", "2021-01-01"),
    "in Q1 and Q2 2020": ("2020-01-01", "2020-07-01"),
    "in the whole of 2020": ("2020-01-01", "2021-01-01"),
    "in the entire year 2020": ("2020-01-01", "2021-01-01"),
    "throughout March 2020": ("2020-03-01", "2020-04-01"),
    "December and January": ("2020-12-01", "2021-02-01"),
}

OPEN = {
    "in the last month": ("2021-01-22", None),
    "in the past month": ("2021-01-22", None),
    "past month": ("2021-01-22", None),
    "over the last 30 days": ("2021-01-23", None),
    "last three weeks": ("2021-02-01", None),
    "the last couple of weeks": ("2021-02-08", None),
    "within the last quarter": ("2020-11-22", None),
    "during the past two years": ("2019-02-22", None),
    "7d": ("2021-02-15", None),
    "in the last 1 month": ("2021-01-22", None),
    "since Monday": ("2021-02-15", None),
    "since March": ("2020-03-01", None),
    "since 2020": ("2020-01-01", None),
    "since last week": ("2021-02-15", None),
    "since yesterday": ("2021-02-21", None),
    "since 3 weeks ago": ("2021-02-01", None),
    "since a month ago": ("2021-01-22", None),
    "since new year": ("2021-01-01", None),
    "since the beginning of the year": ("2021-01-01", None),
    "since the start of February": ("2021-02-01", None),
    "from 2021-01-15 onwards": ("2021-01-15", None),
    "after 15 January": ("2021-01-16", None),
    "after January": ("2021-02-01", None),
    "after the end of January": ("2021-02-01", None),
    "before 2020": (None, "2020-01-01"),
    "before March 2020": (None, "2020-03-01"),
    "until 2020": (None, "2021-01-01"),
    "until the end of 2020": (None, "2021-01-01"),
    "up to 15 January": (None, "2021-01-16"),
    "ever": (None, None),
    "in total": (None, None),
    "since the beginning": (None, None),
}


@pytest.mark.parametrize(("text", "days"), [*CALENDAR.items(), *OPEN.items()])
def test_each_phrase_means_one_interval(text: str, days: tuple[str | None, str | None] | None) -> None:
    span = read(text)
    if days is None:
        assert span is None
        return
    assert span is not None
    start, end = (None if day is None else paris(f"{day}T00:00") for day in days)
    assert (span.start, span.end, span.text) == (start, end, " ".join(t.text for t in tokens_of(text)))


def test_releases_bound_an_interval() -> None:
    after, before = ReleaseEdge("v7r1p25", "after"), ReleaseEdge("v7r1p25", "before")
    assert read("since v7r1p25") == Span(after, None, "since v7r1p25")
    assert read("until v7r1p25") == Span(None, after, "until v7r1p25")
    assert read("before v7r1p25") == Span(None, before, "before v7r1p25")
    between = read("between v7r1p20 and v7r1p25")
    assert between == Span(ReleaseEdge("v7r1p20", "after"), after, "between v7r1p20 and v7r1p25")
    assert between.releases == ("v7r1p20", "v7r1p25")


def test_a_date_and_time_bounds_an_interval() -> None:
    span = read("from 2021-02-15T09:00 to 2021-02-22 10:30")
    assert span is not None
    assert (span.start, span.end) == (paris("2021-02-15T09:00"), paris("2021-02-22T10:30"))


@pytest.mark.parametrize(
    "text",
    [
        "in the 90s",
        "30 February",
        "between 30 and 31 February",
        "week 54 of 2020",
        "in the fifth quarter",
        "since",
        "between January and",
        "from 2020-03-01 to 2020-01-01",
        "last month ago",
        "0d ago",
        "since the dinosaurs",
        "2020 - 2019",
        "in January and March 2020",
        "in 2018, 2020",
        "week of February",
        "v7r1 until October",
        "v7r1p20 to 2020-12-01",
        "the end of January",
        "99999y",
    ],
)
def test_what_is_no_interval_is_not_read(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [("since last Sunday", "2021-03-21"), ("in the last week", "2021-03-21"), ("since yesterday", "2021-03-27")],
)
def test_days_begin_at_midnight_across_the_change_of_clocks(text: str, day: str) -> None:
    span = read(text, as_of("2021-03-28T14:00"))
    assert span is not None
    assert span.start == paris(f"{day}T00:00")


VOCABULARY = sorted(
    {*RELATIVE_WORDS, *SPAN_WORDS, *MONTHS, *UNITS, *WEEKDAYS, "1", "15", "31", "2020", "q1", "h2", "3rd", "a", "7d"}
    | {"2021-02-30", "2021-01-15", "v7r1p25", "two", "w7", "0", "99999", "2021-02-22t14:00", "14:00", "to", "-"}
)
some_zones = st.sampled_from(["UTC", "Europe/Paris", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu"])


@example(["-", "1", "-"], date(2000, 1, 1), "UTC")
@given(st.lists(st.sampled_from(VOCABULARY), max_size=9), st.dates(date(1971, 1, 1), date(9990, 1, 1)), some_zones)
def test_any_words_are_an_interval_or_none_and_no_interval_ends_before_it_begins(
    words: list[str], day: date, zone: str
) -> None:
    looking_from = AsOf.at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), ZoneInfo(zone))
    found = Reader(looking_from, lambda word: word.startswith("v7")).read(words, 0)
    if found is None:
        return
    span, end = found
    assert 0 < end <= len(words)
    if isinstance(span.start, datetime) and isinstance(span.end, datetime):
        assert span.start.astimezone(UTC) <= span.end.astimezone(UTC)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(MONTHS)), some_zones)
def test_a_month_without_a_year_is_the_latest_that_has_begun(day: date, month: str, zone: str) -> None:
    looking_from = AsOf.at(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)), ZoneInfo(zone))
    span = read(f"in {month}", looking_from)
    assert span is not None
    assert isinstance(span.start, datetime)
    first = span.start.astimezone(ZoneInfo(zone)).date()
    assert first <= day < first + timedelta(days=366)
    assert first.month == MONTHS[month]


def test_a_span_becomes_a_period_with_the_dates_of_its_releases() -> None:
    span = read("between v7r1p20 and v7r1p25")
    assert span is not None
    dates = {"v7r1p20": paris("2020-11-25T12:00"), "v7r1p25": paris("2021-01-18T20:19")}
    period = span.period(SLIDE_DAY, dates.__getitem__)
    assert dates["v7r1p20"] not in period
    assert dates["v7r1p25"] in period
    assert Span().period(SLIDE_DAY, dates.__getitem__).end == SLIDE_DAY.end
    assert period.zone == PARIS
