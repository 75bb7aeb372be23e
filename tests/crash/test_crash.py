"""Workers that are struck at every step lose nothing and tell nothing twice; ``make crash-test`` is the long form."""

from pathlib import Path

import pytest

from tests.crash.drive import as_json, run


@pytest.mark.long
@pytest.mark.parametrize(
    ("database", "workers"),
    [("sqlite", 1), ("postgresql", 2), pytest.param("sqlite", 3, marks=pytest.mark.exhaustive)],
)
def test_workers_that_are_struck_lose_nothing_and_tell_nothing_twice(
    tmp_path: Path, database: str, workers: int
) -> None:
    outcome = run(tmp_path, strikes=6, workers=workers, seed=workers, database=database)
    assert outcome.is_right, as_json(outcome)
    assert outcome.strikes == 6
    assert outcome.digests > 3
    assert "Traceback" not in (tmp_path / "log").read_text()
