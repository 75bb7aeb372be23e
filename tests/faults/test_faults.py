"""The faults happen as ``docs/FAULTS.md`` tells them; to write it anew: ``make faults``."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.tables import TABLES

PAGE = (Path(__file__).parents[2] / "docs" / "FAULTS.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


# Requests that are sent at the same time fall out differently, and so does how many are sent again.
_COUNT = re.compile(r"\b\d+ requests?\b")


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
    assert masked(told.stdout) == masked(f"## {heading}\n{SECTIONS[heading]}")


def masked(text: str) -> str:
    return _COUNT.sub("N requests", text).rstrip("\n")
