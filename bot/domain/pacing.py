"""Pacing: how fast one person may ask, so that a flood harms nobody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

WINDOW = timedelta(minutes=1)
MOST_IN_A_WINDOW = 12


class Verdict(Enum):
    """What to do with a question: answer it, ask to wait (once), or say nothing while the flood lasts."""

    ANSWER = auto()
    ASK_TO_WAIT = auto()
    SILENCE = auto()


@dataclass(frozen=True, slots=True)
class Pace:
    """When somebody's questions of the last window came, and whether they were asked to wait."""

    moments: tuple[datetime, ...] = ()
    was_told: bool = False

    def after(self, now: datetime) -> tuple["Pace", Verdict]:
        """Take up a question: give the pace after it, and what to do with it."""
        recent = tuple(moment for moment in self.moments if now - moment < WINDOW)
        if len(recent) < MOST_IN_A_WINDOW:
            return Pace((*recent, now)), Verdict.ANSWER
        verdict = Verdict.SILENCE if self.was_told else Verdict.ASK_TO_WAIT
        return Pace(recent, was_told=True), verdict
