"""What somebody changed of their subscriptions, so that it can be undone."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.subscriptions import Subscription
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """The subscriptions that one command of somebody made, or ended (``is_end``).

    ``number`` is that of the last of them. What was undone is no change any more, and so ``undoes`` is always None.
    """

    at: datetime
    subscriptions: tuple[Subscription, ...]
    is_end: bool = False
    undoes: int | None = None

    @property
    def number(self) -> int:
        """Return the number of the last of the subscriptions."""
        return self.subscriptions[-1].number


def changes_by(who: str, subscriptions: Iterable[Subscription]) -> list[SubscriptionChange]:
    """Return what somebody changed by each command, as far as it can be undone, oldest first.

    A subscription that is over can only be resumed. One that ended when it was made was undone.
    """
    commands: dict[tuple[datetime, bool], list[Subscription]] = {}
    for each in subscriptions:
        if each.ended_at is None and each.who == who:
            commands.setdefault((each.at, False), []).append(each)
        elif each.ended_at is not None and each.ended_by == who and each.ended_at > each.at:
            commands.setdefault((each.ended_at, True), []).append(each)
    return [SubscriptionChange(at, tuple(meant), is_end) for (at, is_end), meant in sorted(commands.items())]
