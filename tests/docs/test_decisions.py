"""The records of decisions are numbered, whole and listed, and the code that they and the architecture name exists."""

import re
from pathlib import Path

import pytest

from tests.docs.world import ROOT

FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
PAGES = (ROOT / "docs" / "ARCHITECTURE.md", *RECORDS)
# A module, a file or a folder between backticks: `services/poll.py`, `domain/periods/`; refs are git's.
_PATH = re.compile(r"`(?!refs/)((?:[\w.-]+/)*(?:[\w-]+\.(?:py|md|toml|jsonl)|[\w-]+/))`")
_MOST_LINES = 30


def missing_paths(text: str) -> list[str]:
    """List the paths named in a text that do not exist, neither from the project's root nor from ``bot``."""
    named = {path.rstrip("/") for path in _PATH.findall(text)}
    return sorted(path for path in named if not any((ROOT / each).exists() for each in (path, f"bot/{path}")))


def missing_anywhere(text: str) -> list[str]:
    """List those of the missing paths that no path in ``bot`` ends with: a table may name neighbours by their end."""
    return [path for path in missing_paths(text) if not list((ROOT / "bot").rglob(path))]


def names(paths: tuple[Path, ...] | list[Path]) -> list[str]:
    return [path.stem for path in paths]


def test_a_path_that_does_not_exist_is_found() -> None:
    assert missing_paths("`services/poll.py`, `domain/periods/`, `tests/docs/` and `services/nothing.py`") == [
        "services/nothing.py"
    ]
    assert missing_anywhere("`phrases.py` beside `nowhere/phrases.py`") == ["nowhere/phrases.py"]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_code_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not (missing_paths(text) if page in RECORDS else missing_anywhere(text))


def test_the_numbers_have_no_gap() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=names(RECORDS))
def test_a_record_is_short_and_has_all_its_parts(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(record.name[:4])}. ")
    assert re.search(r"^Status: (accepted|superseded by \[\d{4}\]\(\d{4}-[\w-]+\.md\))$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= _MOST_LINES


def test_the_index_and_the_architecture_list_every_record_in_order() -> None:
    index = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"^(\d{4}-[\w-]+)$", index, re.MULTILINE) == names(RECORDS)
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    titles = [path.read_text(encoding="utf-8").partition("\n")[0].partition(". ")[2] for path in RECORDS]
    links = [f"[{title}](decisions/{path.name})" for title, path in zip(titles, RECORDS, strict=True)]
    assert re.findall(r"^- (\[.+\]\(decisions/.+\))$", architecture, re.MULTILINE) == links
