"""A file that cannot be read is told in one line; any junk is told, and never a fault."""

import string
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from bot.config.errors import ConfigErrors
from bot.config.fields import read_duration
from bot.config.load import load
from bot.config.locations import inner_model, key_path
from bot.config.models import Settings


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = [1,", "invalid TOML: Invalid value (at end of document); fix it there; strings need quotes"),
        (
            b"a = 1\na = 2\n",
            "invalid TOML: Cannot overwrite a value (at line 2, column 6); fix it there; strings need quotes",
        ),
        (
            b"time_zone = UTC\n",
            "invalid TOML: Invalid value (at line 1, column 13); fix it there; strings need quotes",
        ),
        (b"\xff\xfe", "invalid UTF-8 at byte 0; save it as UTF-8"),
        (b"a = " + b"9" * 5000, "contains a number that is too long; shorten the number"),
        (b"a = " + b"[" * 5000, "too deeply nested; no key takes a list within a list"),
    ],
    ids=["half a list", "a key twice", "no quotes", "UTF-16", "a long number", "many brackets"],
)
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "bot.toml"
    path.write_bytes(content)
    assert lines(path) == [f"{path}: {told}"]


@pytest.mark.parametrize("name", ["nowhere.toml", "there/nowhere.toml", "bot.toml/inside"])
def test_a_missing_file_is_told_with_the_ways_to_name_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "bot.toml").touch()
    hint = "give one with --config FILE or RELEASE_BOT_CONFIG, or write one: release-bot init"
    assert lines(tmp_path / name) == [f"{tmp_path / name}: no such file; {hint}"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert lines(tmp_path) == [f"{tmp_path}: not a file but a directory; name the file in it"]


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)
    assert lines(path) == [f"{path}: cannot be read (File name too long); give another file with --config"]


def lines(path: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as raised:
        load(path, {})
    return [str(error) for error in raised.value.errors]


def test_a_keys_place_names_the_entry() -> None:
    table = {"repositories": [{"path": "a/b", "tags": {}}]}
    assert key_path(table, ("repositories", 0, "tags", "include")) == "repositories[0] (a/b).tags.include"
    assert key_path({}, ("forges", "gitlab.cern.ch", "kind")) == 'forges."gitlab.cern.ch".kind'
    assert key_path({}, ("repositories", 7, "path")) == "repositories[7].path"


def all_keys(model: Any = Settings) -> list[str]:
    inner = [found for field in model.model_fields.values() if (found := inner_model(field.annotation))]
    return [*model.model_fields, *(key for table in inner for key in all_keys(table))]


# Words that some key takes, so that the junk gets far.
WORDS = [
    "github",
    "git",
    "DIRACGrid/DIRAC",
    "DIRAC",
    "*",
    "v7r2",
    "regex",
    "(?P<major>1)",
    "[",
    "1d",
    "0s",
    "hackathon",
    "UTC",
]
texts = st.sampled_from(WORDS) | st.text(max_size=6)
junk = st.recursive(
    st.booleans() | st.integers() | st.floats() | texts | st.dates() | st.datetimes() | st.times(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*all_keys(), "github"]) | st.text(string.ascii_lowercase, max_size=4), inner, max_size=5
        )
    ),
    max_leaves=12,
)


def refuses_or_takes(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(ConfigErrors):
        path = Path(folder) / "bot.toml"
        path.write_text(text, encoding="utf-8")
        load(path, {})


@given(st.dictionaries(st.sampled_from([*Settings.model_fields, "x"]), junk))
def test_any_table_is_understood_or_refused_and_never_raises_otherwise(table: dict[str, Any]) -> None:
    refuses_or_takes(tomlkit.dumps(table))


repositories = st.fixed_dictionaries(
    {"forge": texts, "path": texts | st.just("a/b")},
    optional={"name": texts, "scheme": texts, "pattern": texts, "prefix": texts, "tags": junk, "counts": junk},
)
milestones = st.fixed_dictionaries(
    {"kind": texts}, optional={"title": texts, "done": st.dates() | junk, "dropped": st.booleans()}
)
plans = st.fixed_dictionaries(
    {"repository": texts, "series": texts}, optional={"milestones": st.lists(milestones | junk, max_size=3)}
)
files = st.fixed_dictionaries(
    {"forges": st.just({"github": {"kind": "github"}}), "repositories": st.lists(repositories | junk, max_size=3)},
    optional={"certifications": st.lists(plans, max_size=2), "time_zone": texts},
)


@given(files)
def test_a_file_that_is_nearly_right_is_understood_or_refused_too(table: dict[str, Any]) -> None:
    refuses_or_takes(tomlkit.dumps(table))


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    refuses_or_takes(text)


@given(st.integers(0, 3650), st.sampled_from("smhd"))
def test_durations_read_as_they_are_written(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86_400}[unit]
    assert read_duration(f"{number}{unit}") == timedelta(seconds=number * seconds)


@given(st.integers(0, 3650 * 86_400))
def test_every_span_of_seconds_up_to_ten_years_can_be_written(seconds: int) -> None:
    assert read_duration(f"{seconds}s").total_seconds() == seconds
