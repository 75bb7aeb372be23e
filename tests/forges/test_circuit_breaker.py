"""A forge that does not answer is left alone, for longer each time, and nobody waits for it again and again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.recorded.server import Drop, Response
from bot.forges.throttle import CircuitBreaker
from bot.services.ports import ForgeUnavailable, PollRequest
from tests.forges.conftest import NOW, TOKEN, Side, slow_server

TOOL = PollRequest("team/tool")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def is_left_alone(breaker: CircuitBreaker) -> bool:
    try:
        breaker.check("forge:team/tool")
    except ForgeUnavailable:
        return True
    return False


def failed(clock: Clock, times: int, drawn: Random | None = None) -> CircuitBreaker:
    breaker = CircuitBreaker("GitHub", clock, drawn)
    for _ in range(times):
        breaker.record_failure()
    return breaker


def test_five_failures_in_a_row_are_no_accident() -> None:
    assert not is_left_alone(failed(Clock(), 4))
    breaker = failed(Clock(), 5)
    with pytest.raises(ForgeUnavailable, match=r"^forge:team/tool: GitHub is not responding; next try at "):
        breaker.check("forge:team/tool")


def test_what_is_held_up_has_the_cause_of_the_failures_before() -> None:
    breaker = CircuitBreaker("GitHub", Clock())
    for _ in range(5):
        breaker.record_failure("cannot reach GitHub: cannot resolve api.github.com")
    with pytest.raises(ForgeUnavailable) as refused:
        breaker.check("forge:team/tool")
    assert refused.value.what == "cannot reach GitHub: cannot resolve api.github.com"
    assert refused.value.hint.startswith("next try at ")


def test_an_answer_between_failures_begins_the_count_anew() -> None:
    breaker = failed(Clock(), 4)
    breaker.record_success()
    for _ in range(4):
        breaker.record_failure()
    assert not is_left_alone(breaker)


@given(st.integers(5, 40), st.integers())
def test_it_is_left_alone_for_longer_each_time_and_never_for_long(failures: int, seed: int) -> None:
    clock = Clock()
    breaker = failed(clock, failures, Random(seed))
    nominal = min(timedelta(seconds=30) * 2 ** (failures - 5), timedelta(minutes=10))
    clock.at = NOW + nominal * 0.74
    assert is_left_alone(breaker)
    clock.at = NOW + nominal * 1.26
    assert not is_left_alone(breaker)


def test_then_one_question_goes_and_decides() -> None:
    clock = Clock()
    breaker = failed(clock, 5)
    clock.at = NOW + timedelta(minutes=1)
    assert [is_left_alone(breaker) for _ in range(3)] == [False, True, True]
    breaker.record_success()
    assert not is_left_alone(breaker)


@pytest.mark.parametrize("decide", [lambda _: Response(503), lambda _: Drop()], ids=["an error of its own", "cut"])
def test_a_forge_that_is_down_is_not_asked_for_each_of_its_repositories(
    side: Side, decide: Callable[[object], Response | Drop]
) -> None:
    side.server.interceptor = decide
    answers = side.ask(*[TOOL] * 60)
    assert len(answers) == 60
    assert all(isinstance(answer.error, ForgeUnavailable) for answer in answers)
    assert sum("; next try at " in str(answer.error) for answer in answers) > 20
    # Each question is tried three times, and those that were under way at once are not called back.
    assert len(side.server.requests) < 3 * 40


def test_a_forge_that_hangs_is_waited_for_a_few_times_only(side: Side) -> None:
    begun = monotonic()
    with slow_server(b"", b"") as url:
        forge = side.make("forge", url, TOKEN, timeout=0.15, now=lambda: NOW)
        answers = list(forge.poll([TOOL] * 100))
        forge.close()
    assert len(answers) == 100
    assert monotonic() - begun < 4
