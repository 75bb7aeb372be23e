"""Staying below a limit of requests a minute."""

from hypothesis import given
from hypothesis import strategies as st

from bot.forges.throttle import RateLimiter


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def turns(most: int, pauses: list[float]) -> list[float]:
    clock = Clock()
    limiter = RateLimiter(most, clock, clock.sleep)
    taken = []
    for pause in pauses:
        clock.sleep(pause)
        limiter.acquire()
        taken.append(clock.now)
    return taken


def test_the_first_ones_go_at_once_and_the_next_a_minute_after_the_first() -> None:
    assert turns(3, [0.0] * 7) == [0, 0, 0, 60, 60, 60, 120]


def test_whoever_asks_slowly_never_waits() -> None:
    assert turns(2, [31.0] * 5) == [31, 62, 93, 124, 155]


@given(st.integers(1, 20), st.lists(st.floats(0, 90), max_size=80))
def test_no_minute_has_more_than_the_most(most: int, pauses: list[float]) -> None:
    taken = turns(most, pauses)
    # Waiting adds up with the rounding of the clock's fractions.
    assert all(later - earlier > 60 - 1e-6 for earlier, later in zip(taken, taken[most:], strict=False))


def test_turns_that_processes_share_are_reserved_a_few_at_a_time_and_not_kept_for_long() -> None:
    clock, waits, asked = Clock(), [30.0, 0.0, 0.0, 0.0], []

    def reserve(count: int, most: int) -> float:
        asked.append((clock.now, count, most))
        return waits.pop(0)

    limiter = RateLimiter(60, clock, clock.sleep, reserve)
    for _ in range(4):
        limiter.acquire()
    assert asked == [(0, 3, 60), (30, 3, 60), (30, 3, 60)]
    clock.sleep(6)
    limiter.acquire()
    assert asked[3:] == [(36, 3, 60)]
