"""A throttle on the questions of each person, so that a flood affects nobody else."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from threading import Lock

WINDOW = timedelta(minutes=1)
MOST_IN_A_WINDOW = 12
# The maximum number of people remembered.
_MOST_PEOPLE = 10_000


class ThrottleDecision(Enum):
    """What to do with a question: answer it, ask to wait (once), or say nothing while the flood lasts."""

    ANSWER = auto()
    ASK_TO_WAIT = auto()
    SILENCE = auto()


@dataclass(slots=True)
class _Recent:
    """The times of somebody's latest answered questions, and whether they were since asked to wait."""

    moments: list[datetime] = field(default_factory=list)
    is_warned: bool = False


class QuestionThrottle:
    """Allows each person MOST_IN_A_WINDOW questions in any WINDOW; thread-safe."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._people: dict[str, _Recent] = {}

    def check(self, person: str, now: datetime) -> ThrottleDecision:
        """Record a question, and return what to do with it."""
        with self._guard:
            recent = self._people.pop(person, _Recent())
            # The latest person is at the end; those at the beginning are forgotten first.
            self._people[person] = recent
            if len(self._people) > _MOST_PEOPLE:
                del self._people[next(iter(self._people))]
            return _decision(recent, now)


def _decision(recent: _Recent, now: datetime) -> ThrottleDecision:
    recent.moments = [moment for moment in recent.moments if now - moment < WINDOW]
    if len(recent.moments) < MOST_IN_A_WINDOW:
        recent.moments.append(now)
        recent.is_warned = False
        return ThrottleDecision.ANSWER
    was_warned, recent.is_warned = recent.is_warned, True
    return ThrottleDecision.SILENCE if was_warned else ThrottleDecision.ASK_TO_WAIT
