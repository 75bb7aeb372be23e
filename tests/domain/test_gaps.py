"""What an answer lacks by when its repositories were polled."""

from datetime import datetime, timedelta

import pytest

from bot.domain.gaps import gap_of
from tests.builders import a_repository, paris

R = a_repository("lab/R")
NOW = paris("2026-01-15T10:00")
STALE = timedelta(hours=1)
AGO = NOW - timedelta(minutes=59)


@pytest.mark.parametrize(
    ("polled_at", "error", "until", "lacks"),
    [
        (NOW, None, NOW, None),
        (AGO, None, NOW, None),
        (AGO - timedelta(minutes=2), None, NOW, AGO - timedelta(minutes=2)),
        (AGO, "it is down", NOW, AGO),
        (AGO, "it is down", AGO, None),
        (NOW + timedelta(minutes=5), None, NOW, None),
        (NOW + timedelta(minutes=6), None, NOW, NOW),
        (NOW + timedelta(days=1), None, NOW + timedelta(days=30), NOW),
        (NOW + timedelta(days=1), None, NOW - timedelta(days=30), None),
    ],
)
def test_a_gap_begins_with_the_last_poll_that_can_be_believed(
    polled_at: datetime, error: str | None, until: datetime, lacks: datetime | None
) -> None:
    gap = gap_of(R, polled_at, error, until=until, stale_after=STALE, now=NOW)
    assert (gap and gap.since) == lacks


def test_what_was_never_polled_lacks_everything() -> None:
    gap = gap_of(R, None, None, until=paris("2021-01-01T00:00"), stale_after=STALE, now=NOW)
    assert gap is not None
    assert gap.since is None


def test_a_poll_recorded_in_the_future_names_the_clock_or_what_failed_since() -> None:
    ahead = NOW + timedelta(days=1)
    gaps = [gap_of(R, ahead, error, until=NOW, stale_after=STALE, now=NOW) for error in (None, "it is down")]
    assert [gap and gap.error for gap in gaps] == [
        "a clock was ahead when its last poll was recorded",
        "it is down",
    ]
