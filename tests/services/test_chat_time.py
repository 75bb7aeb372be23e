"""The time by the chat's clock, where ours is wrong."""

from datetime import datetime, timedelta

import pytest

from bot.domain.clocks import TOLERANCE
from bot.domain.errors import UsageError
from bot.services.chat_time import ChatTime
from tests.builders import MONDAY
from tests.fakes import FakeChat

HOUR = timedelta(hours=1)


class Clocks:
    """The chat's clock, ours, and that of the process; they go on together until ours jumps."""

    def __init__(self, off: timedelta = timedelta()) -> None:
        self.chat = FakeChat()
        self.chat.time = MONDAY
        self.ours = MONDAY + off
        self.monotonic = 0.0
        self.asked = 0
        self.time = ChatTime(self.chat, self._channels, lambda: self.ours, lambda: self.monotonic)

    def _channels(self) -> list[str]:
        self.asked += 1
        return ["mail", "#dirac"]

    def go_on(self, span: timedelta) -> None:
        self.ours += span
        self.monotonic += span.total_seconds()
        assert self.chat.time is not None
        self.chat.time += span

    def now(self, *, is_exact: bool = False) -> datetime:
        return self.time.now(is_exact=is_exact)


@pytest.mark.parametrize("off", [-6 * 24 * HOUR, -HOUR, HOUR, 24 * HOUR], ids=str)
def test_where_ours_is_far_off_the_chats_is_the_time(off: timedelta, caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks(off)
    assert clocks.now() == MONDAY
    clocks.go_on(timedelta(minutes=5))
    assert clocks.now() == MONDAY + timedelta(minutes=5)
    assert caplog.text.count("this machine's clock is ") == 1


def test_where_they_differ_by_little_ours_is_the_time() -> None:
    assert Clocks(TOLERANCE).now() == MONDAY + TOLERANCE


def test_a_chat_that_is_more_than_a_week_off_is_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    assert Clocks(400 * 24 * HOUR).now() == MONDAY + 400 * 24 * HOUR
    assert "digests follow this machine's" in caplog.text


def test_it_is_asked_for_every_ten_minutes_and_when_ours_has_jumped() -> None:
    clocks = Clocks()
    for _ in range(3):
        clocks.now()
    assert clocks.asked == 1
    clocks.ours += HOUR
    assert clocks.now() == MONDAY
    assert clocks.asked == 2
    clocks.go_on(timedelta(minutes=10))
    clocks.now()
    clocks.now(is_exact=True)
    assert clocks.asked == 4


def test_where_it_is_not_told_what_was_told_last_counts_and_else_ours() -> None:
    clocks = Clocks(HOUR)
    clocks.chat.lacking["#dirac"] = clocks.chat.lacking["mail"] = UsageError("slack", "$SLACK_BOT_TOKEN is not set")
    assert clocks.now() == MONDAY + HOUR
    clocks.chat.lacking.clear()
    assert clocks.now() == MONDAY
    clocks.chat.time = None
    assert clocks.now(is_exact=True) == MONDAY
