"""A forge's own clock, as its answers tell it."""

from datetime import timedelta

import pytest

from bot.demo.recorded.clock_text import http_date
from bot.demo.recorded.server import Response
from bot.forges.clock import ForgeClock
from bot.services.ports import PollRequest
from tests.forges.conftest import NOW, TOKEN, Side

TOOL = PollRequest("team/tool")
DAY = 86_400
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("token", [TOKEN, None])
@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=-1), timedelta(0)])
def test_a_forge_tells_how_far_its_clock_is_ahead(side: Side, ahead: timedelta, token: str | None) -> None:
    forge = side.make("forge", side.server.url, token, now=lambda: NOW - ahead)
    assert forge.clock_offset() == timedelta(0)
    [answer] = forge.poll([TOOL])
    assert answer.error is None
    assert forge.clock_offset() == ahead
    forge.close()


def test_an_error_tells_the_time_too_and_one_without_a_date_leaves_what_is_known(side: Side) -> None:
    forge = side.forge()
    for date, told in (("", timedelta(0)), (http_date(NOW + timedelta(days=1)), timedelta(days=1))):
        side.server.interceptor = lambda _, date=date: Response(404, {**JSON, "date": date}, b"{}")
        [answer] = forge.poll([TOOL])
        assert answer.error is not None
        assert forge.clock_offset() == told
    side.server.interceptor = lambda _: Response(404, {**JSON, "date": "tomorrow"}, b"{}")
    list(forge.poll([TOOL]))
    assert forge.clock_offset() == timedelta(days=1)
    forge.close()


def test_the_last_answer_counts_but_for_clocks_within_a_minute_or_beyond_a_week() -> None:
    clock = ForgeClock(lambda: NOW)
    for seconds, told in (
        (3600, 3600),
        (59, 0),
        (-59, 0),
        (60, 60),
        (-60, -60),
        (1, 0),
        (7 * DAY, 7 * DAY),
        (7 * DAY + 1, 0),
        (-7 * DAY - 1, 0),
    ):
        clock.record(http_date(NOW + timedelta(seconds=seconds)))
        assert clock.offset == timedelta(seconds=told)


@pytest.mark.parametrize("date", [None, "", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:10 GMT"])
def test_a_date_that_is_none_is_ignored(date: str | None) -> None:
    clock = ForgeClock(lambda: NOW)
    clock.record(date)
    assert clock.offset == timedelta(0)
