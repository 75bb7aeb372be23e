"""Reading what forges say: it may be anything."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forges.payload import is_tag_name, one_line, read_date, read_http_date, reset_moment, retry_moment

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_date_is_read_as_utc_in_whole_seconds() -> None:
    assert read_date("2021-02-15T20:19:54.123+01:00") == datetime(2021, 2, 15, 19, 19, 54, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "utc"),
    [
        ("2011-08-07T22:08:23+05:18:00", "2011-08-07T16:50:23"),
        ("2011-08-07T22:08:23.000+051800", "2011-08-07T16:50:23"),
        ("2021-02-16T19:19:54+24:00", "2021-02-15T19:19:54"),
        ("2021-02-16T19:19:54.123+2400", "2021-02-15T19:19:54"),
        ("2021-02-14T09:12:54-34:07", "2021-02-15T19:19:54"),
        ("2021-02-15T20:19:54-130688:37", "2036-01-14T04:56:54"),
        ("1960-02-15T20:19:54Z", "1960-02-15T20:19:54"),
        ("1969-12-31T16:00:00-08:00", "1970-01-01T00:00:00"),
        ("0002-01-01T00:00:00+14:00", "0001-12-31T10:00:00"),
    ],
)
def test_an_offset_that_no_clock_has_loses_no_date(date: str, utc: str) -> None:
    assert read_date(date) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@given(
    st.integers(-62_000_000_000, 221_000_000_000).map(lambda at: datetime(1970, 1, 1) + timedelta(seconds=at)),
    st.integers(-99_999, 99_999),
)
def test_whatever_the_offset_the_moment_is_read(moment: datetime, minutes: int) -> None:
    local = moment + timedelta(minutes=minutes)
    hours, rest = divmod(abs(minutes), 60)
    read = read_date(f"{local.isoformat()}{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}")
    assert read == moment.replace(tzinfo=UTC) or not 2 <= local.year <= 9000 or not 2 <= moment.year <= 9000


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "Mon, 23 Nov 2026 09:00:00 +99999999999999",
        "Mon, 23 Nov 99999999999999999999 09:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "Mon, 32 Nov 2026 09:00:00 GMT",
        "Mon, 23 Nov 2026 09:00:00 -0000",
    ],
)
def test_the_date_of_a_header_that_is_none_is_ignored(header: str | None) -> None:
    assert read_http_date(header) is None


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", "", None, 7, "2021-02-15T20:19:54"]
)
def test_a_date_that_cannot_be_is_no_date(date: object) -> None:
    assert read_date(date) is None


@given(st.text() | st.none())
def test_any_text_is_a_date_a_moment_or_none(text: str | None) -> None:
    read_http_date(text)
    read_date(text)
    retry_moment(text, NOW)
    reset_moment(text)


def test_a_wait_is_read_in_seconds_and_never_longer_than_a_day() -> None:
    assert retry_moment("90", NOW) == NOW + timedelta(seconds=90)
    assert retry_moment("999999999", NOW) == NOW + timedelta(days=1)


@given(st.text())
def test_a_forges_words_become_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= 200


@pytest.mark.parametrize(
    "name", ["a b", "a\x00b", "a\x1b[31m", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "\ud800", ""]
)
def test_a_name_that_git_refuses_is_no_tag(name: str) -> None:
    assert not is_tag_name(name)


@pytest.mark.parametrize("name", ["v7r0p49", "rel/v1r2", "größe+1", "@{x", "<!channel>", "a&b", "\u202eabc"])
def test_a_name_that_git_takes_is_a_tag(name: str) -> None:
    assert is_tag_name(name)
