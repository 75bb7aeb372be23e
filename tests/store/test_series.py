"""The recorded changes to the status of series, on both databases."""

from bot.domain.series_status import SeriesStatus, StatusChange
from bot.store.store import Store
from tests.builders import paris

AT, LATER = paris("2021-02-22T13:00"), paris("2021-02-22T14:00")
DIRAC = "github:DIRACGrid/DIRAC"


def test_a_change_comes_back_as_it_was_with_its_number(store: Store) -> None:
    change = StatusChange(0, AT, "ann", DIRAC, "v7r1", SeriesStatus.END_OF_LIFE, "use v7r2")
    first = store.series.add(change)
    second = store.series.add(StatusChange(0, LATER, "slack:U1", DIRAC, "v7r1", change.status, undoes=first.number))
    assert first.number < second.number
    assert store.series.changes() == [first, second]
