"""Dates in digits: one reading each, or refused with both."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import understand
from bot.domain.errors import UsageError
from bot.domain.periods.digits import AmbiguousDate, date_in
from bot.domain.periods.moments import moment_in
from bot.domain.periods.options import read_as_of, read_bounds, read_moment, read_period
from bot.domain.periods.period import AsOf
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.releases import Releases
from tests.builders import PARIS, a_repository, as_of, paris

SLIDE_DAY = as_of("2021-02-22T14:00")
some_days = st.dates(date(1970, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("2021-02-03", date(2021, 2, 3)),
        ("2021/02/03", date(2021, 2, 3)),
        ("2021/2/3", date(2021, 2, 3)),
        ("20210203", date(2021, 2, 3)),
        ("03.02.2021", date(2021, 2, 3)),
        ("3.2.2021", date(2021, 2, 3)),
        ("22/02/2021", date(2021, 2, 22)),
        ("02/22/2021", date(2021, 2, 22)),
        ("22-02-2021", date(2021, 2, 22)),
        ("1/1/2021", date(2021, 1, 1)),
        ("29/02/2020", date(2020, 2, 29)),
    ],
)
def test_a_date_with_one_reading_is_taken(word: str, day: date) -> None:
    assert date_in(word) == day
    assert read_moment(word, PARIS) == day
    assert moment_in(f"{word} 14:00", PARIS) == paris(f"{day}T14:00")


@pytest.mark.parametrize("word", ["02/03/2021", "2/3/2021", "02-03-2021", "12/11/2021"])
def test_a_date_with_two_readings_is_refused_with_both(word: str) -> None:
    day, month, year = (int(part) for part in word.replace("-", "/").split("/"))
    with pytest.raises(AmbiguousDate) as refused:
        date_in(word)
    assert {date(year, month, day).isoformat(), date(year, day, month).isoformat()} < set(str(refused.value).split())


@pytest.mark.parametrize("word", ["31.02.2021", "13/13/2021", "2021/22/02", "20211301", "30/02/2021", "00/01/2021"])
def test_a_day_that_does_not_exist_is_no_date(word: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the callers say which date it was
        date_in(word)
    with pytest.raises(UsageError, match="invalid date"):
        read_moment(word, PARIS)


@pytest.mark.parametrize(
    "word", ["2021", "2021-02", "02/03/21", "02/03-2021", "v7r1", "1.2.3", "202102031", "2021-w07"]
)
def test_what_is_no_whole_date_is_left_to_others(word: str) -> None:
    assert date_in(word) is None


@given(some_days, st.sampled_from(["-", "/"]), st.sampled_from(["{:02}", "{}"]), st.permutations(["day", "month"]))
def test_every_date_is_read_as_itself_or_refused_with_itself_among_the_readings(
    day: date, mark: str, padded: str, order: list[str]
) -> None:
    word = mark.join([*(padded.format(getattr(day, part)) for part in order), str(day.year)])
    if day.day == day.month or day.day > 12:
        assert date_in(word) == day
        return
    with pytest.raises(AmbiguousDate) as refused:
        date_in(word)
    assert day.isoformat() in refused.value.hint
    assert date(day.year, day.day, day.month).isoformat() in refused.value.hint


@given(some_days)
def test_with_the_year_first_or_with_dots_there_is_one_reading(day: date) -> None:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y"):
        assert date_in(day.strftime(form)) == day


def test_options_refuse_two_readings_wherever_a_date_is_read() -> None:
    both = r'date "02/03/2021": can be 2 March 2021 or 3 February 2021; write 2021-03-02 or 2021-02-03'
    with pytest.raises(UsageError, match=both):
        read_as_of("02/03/2021", PARIS)
    with pytest.raises(UsageError, match=both):
        read_as_of("02/03/2021 14:00", PARIS)
    with pytest.raises(UsageError, match=both):
        read_period("02/03/2021", SLIDE_DAY)
    for since, until in (("02/03/2021", None), (None, "02/03/2021")):
        with pytest.raises(UsageError, match=both):
            read_bounds(since, until, SLIDE_DAY).period(SLIDE_DAY, lambda _: SLIDE_DAY.end)


def test_options_take_one_reading_wherever_a_date_is_read() -> None:
    assert read_as_of("22/02/2021", PARIS) == AsOf(paris("2021-02-23T00:00"), date(2021, 2, 22), PARIS)
    assert read_period("02/22/2021", SLIDE_DAY).start == paris("2021-02-22T00:00")
    period = read_bounds("20210203", "03.02.2021", SLIDE_DAY).period(SLIDE_DAY, lambda _: SLIDE_DAY.end)
    assert (period.start, period.end) == (paris("2021-02-03T00:00"), paris("2021-02-04T00:00"))


@pytest.mark.parametrize(
    "question",
    [
        "releases since 02/03/2021",
        "how many releases between 01/02/2021 and 22/02/2021?",
        "what came out on 02/03/2021?",
        "how many releases in Oct 20",
        "move final certification of v7r2 to 02/03/2021",
    ],
)
def test_questions_and_changes_refuse_two_readings(question: str) -> None:
    understood = understand(question, Vocabulary((a_repository(),), (), ("hackathon",)), SLIDE_DAY)
    assert understood.asked is None
    assert understood.refusal is not None
    assert "can be " in understood.refusal.reason
    assert " or " in understood.refusal.reason


@pytest.mark.parametrize(
    "question",
    [
        "releases since 22/01/2021",
        "releases since 2021/01/22",
        "releases since 20210122",
        "releases since Jan 22",
        "releases on Jan 22",
        "releases in Jan 22-25",
        "releases in Jan 22nd",
    ],
)
def test_questions_take_one_reading(question: str) -> None:
    asked = understand(question, Vocabulary((a_repository(),)), SLIDE_DAY).asked
    assert isinstance(asked, Releases)
    assert asked.filters.span is not None
    assert asked.filters.span.start == paris("2021-01-22T00:00")
