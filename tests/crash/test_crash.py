"""Workers that are killed at every step lose nothing and tell nothing twice; ``make crash-test`` is the long form."""

from pathlib import Path

import pytest

from tests.crash.drive import as_json, run


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_that_are_killed_lose_nothing_and_tell_nothing_twice(tmp_path: Path, workers: int) -> None:
    outcome = run(tmp_path, kills=8, workers=workers, seed=workers)
    assert outcome.is_right, as_json(outcome)
    assert outcome.kills.total() == 8
    assert outcome.digests > 3
    assert "Traceback" not in (tmp_path / "log").read_text()
