"""What the worker's tasks work with: the parts that this process has open, and what its threads share."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import cached_property
from threading import Event, Lock
from typing import TYPE_CHECKING

from bot.app import App, now
from bot.domain.polling.look import ForgeAccount
from bot.domain.values import dataclass
from bot.services.chat_time import ChatTime
from bot.services.leases import Leases
from bot.services.looks import LookSchedule
from bot.services.poll_schedule import Timing, clocks
from bot.services.ports import Forge
from bot.worker.jobs import Jobs
from bot.worker.turns import Turn

if TYPE_CHECKING:
    from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Patience:
    """Time-outs, in seconds.

    The report waits for a forge at most ``silence`` without an answer and ``report`` in total;
    ``job`` is how long a job may go without a heartbeat before ``/health`` reports it. ``another`` is how long to wait
    for another worker: longer than the lease of one that died.
    """

    silence: float = 75
    report: float = 600
    job: float = 1800
    another: float = 50


@dataclass
class LastReported:
    """What was logged or reported last, so that it is not repeated."""

    slower: dict[str, float] = field(default_factory=dict)
    future: datetime | None = None


@dataclass(frozen=True)
class TaskContext:
    """The parts that tasks use; they decide by the rows of the store, and are told the rest as plain arguments.

    Once ``stop`` is set, a task records the answers so far, and ends.
    """

    app: App
    store: "Store"
    forges: Mapping[str, Forge]
    stop: Event
    jobs: Jobs = field(default_factory=Jobs)
    patience: Patience = field(default_factory=Patience)
    reported: LastReported = field(default_factory=LastReported)
    reporting: Lock = field(default_factory=Lock)
    announcing: Lock = field(default_factory=Lock)

    @cached_property
    def turns(self) -> Mapping[str, Turn]:
        """The turns of polling each forge."""
        return {name: Turn(name) for name in sorted(self.forges)}

    @cached_property
    def accounts(self) -> Mapping[str, ForgeAccount]:
        """The account of each forge."""
        accounts = self.app.accounts(self.turns, self.store)
        return {forge: ForgeAccount(forge, account) for forge, account in accounts.items()}

    @cached_property
    def leases(self) -> Leases:
        """The leases of this process."""
        return self.app.leases(self.store)

    @cached_property
    def schedules(self) -> Mapping[str, LookSchedule]:
        """The stored looks of each forge."""
        repositories = self.app.repositories()
        return {forge: LookSchedule(of, repositories, self.store) for forge, of in self.accounts.items()}

    @cached_property
    def chat_time(self) -> ChatTime:
        """The chat's clock."""
        channels = self.app.settings.channels
        return ChatTime(self.app.chat, lambda: channels, now)

    def timing(self) -> Timing:
        """Return how often repositories are polled as configured, by the forges' clocks."""
        return replace(self.app.timing(), clocks=clocks(self.forges))
