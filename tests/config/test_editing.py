"""A repository more or less in the file: all else stays as somebody wrote it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.editing import added, removed, write
from bot.config.errors import ConfigErrors
from bot.domain.errors import BotError
from tests.config.files import BASE, SHIPPED

PILOT = {"forge": "github", "path": "DIRACGrid/Pilot", "name": 'the "Pilot" \\'}
TEXT = SHIPPED.read_text(encoding="utf-8")
# What may stand between a file's tables, as people write it.
LINES = st.lists(st.sampled_from(["", "# a remark", "  # [[repositories]] was here", "#", "   "]), max_size=4).map(
    "\n".join
)
ENTRY = st.fixed_dictionaries(
    {"forge": st.just("github"), "path": st.text(min_size=1)},
    optional={"aliases": st.lists(st.text(), max_size=2), "tags": st.just({"include": "^v"})},
)


def test_what_is_added_stands_after_the_last_one_and_all_else_is_as_it_was() -> None:
    made = added(TEXT, PILOT)
    new = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/Pilot"\nname = "the \\"Pilot\\" \\\\"\n'
    before, found, after = made.partition("\n" + new)
    assert found
    assert before + after == TEXT
    assert after.startswith("\n# -----")


def test_what_is_removed_takes_its_own_remark_along_and_no_other() -> None:
    text = "# about all\n\n# about a\n[[repositories]]\npath = 'a' # here\n\n# about b\n[[repositories]]\npath = 'b'\n"
    assert removed(text, 0) == "# about all\n\n# about b\n[[repositories]]\npath = 'b'\n"
    assert removed(text, 1) == "# about all\n\n# about a\n[[repositories]]\npath = 'a' # here\n\n"


def test_windows_line_breaks_stay() -> None:
    made = added(BASE.replace("\n", "\r\n"), PILOT)
    assert made.count("\n") == made.count("\r\n") > BASE.count("\n")


def test_a_file_without_repositories_or_a_last_line_break_gets_one() -> None:
    assert tomllib.loads(added("", PILOT)) == {"repositories": [PILOT]}
    made = added('time_zone = "UTC"', PILOT)
    assert tomllib.loads(made) == {"time_zone": "UTC", "repositories": [PILOT]}


@pytest.mark.parametrize(
    "text",
    [
        "repositories = []\n",
        "repositories = [{ forge = 'github', path = 'a/b' }]\n",
    ],
)
def test_what_is_written_in_another_way_is_left_to_people(text: str) -> None:
    with pytest.raises(BotError, match=r"change it by hand"):
        added(text + "[poll]\nevery = '1m'\n", PILOT)


@given(st.lists(st.tuples(LINES, ENTRY), max_size=4), LINES, ENTRY, st.data())
def test_added_and_removed_again_is_as_before(
    entries: list[tuple[str, dict[str, object]]], last: str, entry: dict[str, object], data: st.DataObject
) -> None:
    text = "time_zone = 'UTC'\n"
    for remark, each in entries:
        text = added(text, each) + remark + "\n"
    text += last + "\n[poll]\nevery = '1m'\n" if entries else ""
    made = added(text, entry)
    assert tomllib.loads(made)["repositories"] == [*(each for _, each in entries), entry]
    kept = [line for line in text.split("\n") if line.strip()]
    assert [line for line in removed(made, len(entries)).split("\n") if line.strip()] == kept
    number = data.draw(st.integers(0, len(entries)))
    remaining = tomllib.loads(removed(made, number)).get("repositories", [])
    assert remaining == [each for place, each in enumerate([*(each for _, each in entries), entry]) if place != number]


def test_a_right_file_is_written_with_the_rights_that_it_had(tmp_path: Path) -> None:
    path, link = tmp_path / "real.toml", tmp_path / "bot.toml"
    path.write_text(BASE)
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, added(BASE, PILOT), {})
    assert path.read_text() == added(BASE, PILOT)
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()


def test_a_wrong_file_is_refused_by_its_own_name_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    path.write_text(BASE)
    with pytest.raises(ConfigErrors) as refused:
        write(path, added(BASE, PILOT | {"scheme": "latin"}), {})
    assert str(refused.value.errors[0]).startswith(f"{path}: repositories[1] (DIRACGrid/Pilot).scheme")
    assert path.read_text() == BASE
    assert [each.name for each in tmp_path.iterdir()] == ["bot.toml"]
