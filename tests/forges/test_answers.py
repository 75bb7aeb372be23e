"""Reading what forges say: it may be anything."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forges.answers import is_tag_name, one_line, read_date, reset_moment, retry_moment

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_date_is_read_as_utc_in_whole_seconds() -> None:
    assert read_date("2021-02-15T20:19:54.123+01:00") == datetime(2021, 2, 15, 19, 19, 54, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", "", None, 7, "2021-02-15T20:19:54"]
)
def test_a_date_that_cannot_be_is_no_date(date: object) -> None:
    assert read_date(date) is None


@given(st.text() | st.none())
def test_any_text_is_a_date_a_moment_or_none(text: str | None) -> None:
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
