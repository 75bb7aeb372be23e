"""The time in which the faults happen."""

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2021, 2, 22, 9, 0, tzinfo=UTC)


class Clock:
    """The time of the stage, of its forges and of its Slack, which goes on only when told to."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **span: float) -> None:
        self.at += timedelta(**span)


CLOCK = Clock()
