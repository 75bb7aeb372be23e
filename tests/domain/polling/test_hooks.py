"""When a webhook makes a repository due, and how it is polled meanwhile."""

from datetime import timedelta

import pytest

from bot.domain.polling.budget import Limit
from bot.domain.polling.hooks import (
    SPACING,
    HookMark,
    complete_with_hooks,
    due_after_hook,
    interval_with_hooks,
    waits_until,
)
from tests.builders import MONDAY

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_the_first_webhook_makes_it_due_at_once() -> None:
    assert due_after_hook(HookMark(), MONDAY) == MONDAY


def test_one_that_arrives_while_a_look_is_due_changes_nothing() -> None:
    assert due_after_hook(HookMark(MONDAY - SECOND), MONDAY) == MONDAY - SECOND
    waiting = HookMark(MONDAY + 20 * SECOND, MONDAY - 10 * SECOND)
    assert due_after_hook(waiting, MONDAY) == MONDAY + 20 * SECOND


def test_one_that_arrives_after_a_look_that_failed_does_not_wait_for_the_retry() -> None:
    failed = HookMark(MONDAY + 10 * MINUTE, MONDAY - 10 * SECOND)
    assert due_after_hook(failed, MONDAY) == MONDAY + 20 * SECOND
    assert due_after_hook(failed, MONDAY, MONDAY + MINUTE) == MONDAY + MINUTE


def test_one_that_arrives_while_a_look_is_under_way_asks_for_another_half_a_minute_after_it_began() -> None:
    begun = MONDAY - 2 * SECOND
    assert due_after_hook(HookMark(begun, begun), MONDAY) == begun + SPACING


def test_looks_begin_half_a_minute_apart() -> None:
    assert due_after_hook(HookMark(None, MONDAY - 10 * SECOND), MONDAY) == MONDAY + 20 * SECOND
    assert due_after_hook(HookMark(None, MONDAY - 31 * SECOND), MONDAY) == MONDAY


def test_nothing_waits_for_a_moment_that_a_wrong_clock_wrote() -> None:
    assert due_after_hook(HookMark(None, MONDAY + HOUR), MONDAY) == MONDAY
    assert due_after_hook(HookMark(MONDAY + 2 * HOUR), MONDAY) == MONDAY


def test_a_look_waits_for_the_limit_but_no_longer_than_an_hour() -> None:
    assert due_after_hook(HookMark(), MONDAY, MONDAY + MINUTE) == MONDAY + MINUTE
    assert due_after_hook(HookMark(), MONDAY, MONDAY + 24 * HOUR) == MONDAY + HOUR


@pytest.mark.parametrize(
    ("remaining", "resets_in", "is_waiting"),
    [(2500, MINUTE, False), (2499, MINUTE, True), (0, -MINUTE, False), (0, None, False)],
)
def test_the_share_of_the_limit_holds_for_webhooks_too(
    remaining: int, resets_in: timedelta | None, *, is_waiting: bool
) -> None:
    resets_at = None if resets_in is None else MONDAY + resets_in
    limit = Limit("core", 5000, remaining, HOUR, resets_at, MONDAY)
    assert (waits_until([limit], 0.5, MONDAY) is not None) == is_waiting


def test_it_is_polled_six_times_less_often_but_as_often_as_every_tag_was_checked() -> None:
    assert interval_with_hooks(10 * MINUTE, HOUR) == HOUR
    assert interval_with_hooks(10 * MINUTE, 24 * HOUR) == HOUR
    assert interval_with_hooks(10 * MINUTE, 15 * MINUTE) == 15 * MINUTE
    assert interval_with_hooks(HOUR, HOUR) == HOUR


def test_every_tag_is_checked_once_a_day_beside_the_looks_for_webhooks() -> None:
    assert complete_with_hooks(HOUR) == 24 * HOUR
    assert complete_with_hooks(48 * HOUR) == 48 * HOUR
