"""Workers that are struck at every step lose nothing and tell nothing twice; ``make crash-test`` is the long form."""

from pathlib import Path

import pytest

from tests.crash.drive import as_json, run


@pytest.mark.long
@pytest.mark.parametrize(
    ("database", "workers", "strikes"),
    [
        ("sqlite", 1, 4),
        ("postgresql", 2, 4),
        *(
            pytest.param(database, workers, 12, marks=pytest.mark.exhaustive)
            for database, workers in (("sqlite", 1), ("postgresql", 2), ("sqlite", 3))
        ),
    ],
)
def test_workers_that_are_struck_lose_nothing_and_tell_nothing_twice(
    tmp_path: Path, database: str, workers: int, strikes: int
) -> None:
    outcome = run(tmp_path, strikes=strikes, workers=workers, seed=workers, database=database)
    assert outcome.is_right, as_json(outcome)
    assert outcome.strikes == strikes
    assert outcome.digests > 3
    assert "Traceback" not in (tmp_path / "log").read_text()
