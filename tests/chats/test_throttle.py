"""How fast one person may ask."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.chats.throttle import MOST_IN_A_WINDOW, WINDOW, QuestionThrottle, ThrottleDecision
from tests.builders import MONDAY


def test_a_flood_is_asked_to_wait_once_and_then_passed_over_until_it_ends() -> None:
    throttle = QuestionThrottle()
    decisions = [throttle.check("ann", MONDAY) for _ in range(MOST_IN_A_WINDOW + 3)]
    assert decisions[:MOST_IN_A_WINDOW] == [ThrottleDecision.ANSWER] * MOST_IN_A_WINDOW
    silence = [ThrottleDecision.SILENCE] * 2
    assert decisions[MOST_IN_A_WINDOW:] == [ThrottleDecision.ASK_TO_WAIT, *silence]
    assert throttle.check("bob", MONDAY) is ThrottleDecision.ANSWER
    assert throttle.check("ann", MONDAY + WINDOW) is ThrottleDecision.ANSWER


@given(st.lists(st.integers(0, 300), max_size=200).map(sorted))
def test_no_window_has_more_answers_than_are_allowed(seconds: list[int]) -> None:
    throttle, answered = QuestionThrottle(), []
    for second in seconds:
        moment = MONDAY + timedelta(seconds=second)
        if throttle.check("ann", moment) is ThrottleDecision.ANSWER:
            answered.append(moment)
    for moment in answered:
        assert sum(1 for other in answered if moment <= other < moment + WINDOW) <= MOST_IN_A_WINDOW
