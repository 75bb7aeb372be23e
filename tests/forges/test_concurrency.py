"""Asking for several at a time, within a bound."""

from threading import Barrier, BrokenBarrierError, Event, Lock

import pytest

from bot.forges.concurrency import ClientPool, in_parallel


def test_everything_asked_is_answered_once() -> None:
    assert sorted(in_parallel(lambda number: number * 2, range(100), 8)) == [number * 2 for number in range(100)]
    assert list(in_parallel(lambda number: number, [], 8)) == []


def test_so_many_are_asked_at_a_time_and_no_more() -> None:
    # The barrier lets three go on together: with fewer threads nobody would, with more the count would tell.
    together, guard, inside, most = Barrier(3, timeout=10), Lock(), [0], [0]

    def answer(number: int) -> int:
        with guard:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        together.wait()
        with guard:
            inside[0] -= 1
        return number

    assert sorted(in_parallel(answer, range(9), 3)) == list(range(9))
    assert most == [3]


def test_an_error_comes_out() -> None:
    def fail(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="7"):
        list(in_parallel(fail, [7], 2))


def test_what_is_not_begun_when_nobody_listens_is_not_asked() -> None:
    asked, never = list[int](), Event()

    def answer(number: int) -> int:
        asked.append(number)
        # The second is under way while nobody listens any more.
        never.wait(0.2 if number else 0)
        return number

    answers = in_parallel(answer, range(1000), 1)
    next(answers)
    answers.close()
    assert len(asked) <= 2


class Client:
    """A client that notes whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_clients_are_used_again_and_there_are_never_more_than_allowed() -> None:
    made = list[Client]()

    def make() -> Client:
        made.append(Client())
        return made[-1]

    pool = ClientPool(make, 2)
    # With a third client, three would meet at the barrier.
    together = Barrier(3, timeout=0.3)

    def use(_: int) -> bool:
        with pool.acquire():
            try:
                together.wait()
            except BrokenBarrierError:
                return False
            return True

    assert not any(in_parallel(use, range(6), 6))
    assert 1 <= len(made) <= 2
    pool.close()
    assert all(client.is_closed for client in made)
