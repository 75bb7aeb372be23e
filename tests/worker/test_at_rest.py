"""At rest: the worker wakes to look at its configuration, when a task is due, and when a signal comes; not else."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread, Timer
from time import monotonic

import pytest

from bot.app import open_app
from bot.cli.interrupts import SignalEvent
from bot.worker.reload import _RELOAD_SECONDS, Reloading, wait


class Counted(Event):
    """An event that notes how long it is waited for, and is set after three times, without waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return len(self.waits) > 3


def test_between_two_looks_at_the_configuration_nothing_wakes_it(tmp_path: Path) -> None:
    file = tmp_path / "bot.toml"
    file.write_text(f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n')
    app, stop = open_app(str(file)), Counted()
    with app.store() as store:
        assert wait(stop, Reloading(app, store)) is None
    assert stop.waits == [_RELOAD_SECONDS] * 4


@pytest.fixture
def stop() -> Iterator[SignalEvent]:
    before = signal.set_wakeup_fd(-1)
    event = SignalEvent()
    handler = signal.signal(signal.SIGUSR1, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGUSR1, handler)
        signal.set_wakeup_fd(before)


def test_a_signal_ends_the_wait_of_the_main_thread_at_once(stop: SignalEvent) -> None:
    began = monotonic()
    Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    assert stop.wait(60)
    assert monotonic() - began < 30
    assert stop.wait(60), "it stays set"


def test_it_is_the_signal_itself_that_ends_the_wait_whatever_its_handler_does(stop: SignalEvent) -> None:
    signal.signal(signal.SIGUSR1, lambda *_: Event.set(stop))
    began = monotonic()
    Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    assert stop.wait(60)
    assert monotonic() - began < 30


def test_other_threads_wait_for_it_as_ever_and_wake_the_main_one(stop: SignalEvent) -> None:
    heard: list[bool] = []
    waiting = Thread(target=lambda: heard.append(stop.wait(60)))
    waiting.start()
    Timer(0.05, stop.set).start()
    assert stop.wait(60)
    waiting.join(60)
    assert heard == [True]


def test_a_wait_that_nobody_ends_is_over_in_time(stop: SignalEvent) -> None:
    assert not stop.wait(0.01)
