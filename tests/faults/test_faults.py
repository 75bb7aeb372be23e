"""The faults happen as ``docs/FAULTS.md`` tells them; to write it anew: ``make faults``."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.tables import TABLES

PAGE = (Path(__file__).parents[2] / "docs" / "FAULTS.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_the_page_has_a_section_for_each_table() -> None:
    assert list(SECTIONS) == list(TABLES)


# Each forge's fault waits for its time-outs: together about a minute.
@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("heading", TABLES)
def test_every_fault_ends_as_the_page_says(heading: str) -> None:
    run = [sys.executable, "-m", "tests.faults", heading]
    told = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "Traceback" not in told.stdout + told.stderr
    assert told.stdout.rstrip("\n") == f"## {heading}\n{SECTIONS[heading]}".rstrip("\n")
