"""The faults happen as ``docs/FAULTS.md`` tells them; to write it anew: ``make faults``."""

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "FAULTS.md"


def test_every_fault_ends_as_the_page_says() -> None:
    told = subprocess.run([sys.executable, "-m", "tests.faults"], capture_output=True, text=True, check=True)
    assert "Traceback" not in told.stdout + told.stderr
    _, _, tables = PAGE.read_text(encoding="utf-8").partition("\n## ")
    assert "## " + tables == told.stdout
