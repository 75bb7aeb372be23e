"""``release-bot config diff``: what another file would make of what is recorded, before it is used."""

from pathlib import Path

import pytest

from tests.cli.conftest import Product


@pytest.fixture
def new(polled: Product) -> Path:
    path = polled.folder / "new.toml"
    path.write_text(polled.config.read_text())
    return path


def test_the_same_file_changes_nothing(polled: Product, new: Path) -> None:
    said = polled("config", "diff", str(new))
    assert (said.code, said.out) == (0, "no release would change\n")


def test_each_change_is_a_line_and_nothing_is_recorded(polled: Product, new: Path) -> None:
    before = polled("releases", "--format", "json").json
    text = new.read_text().replace("Europe/Paris", "UTC") + 'tags = { exclude = "^v7r1p2[89]$" }\n'
    new.write_text(text + '[[repositories]]\nforge = "github"\npath = "DIRACGrid/Pilot"\n')
    said = polled("config", "diff", str(new))
    assert said.code == 0
    zone, watched, repository, first, second, *shifted, more = said.out.splitlines()
    assert zone == "time zone: Europe/Paris -> UTC"
    assert (
        watched
        == "github:DIRACGrid/Pilot: would be watched; its existing releases are recorded without an announcement"
    )
    assert repository == "github:DIRACGrid/DIRAC:"
    assert [first.split()[:2], second.split()[:2]] == [["-", "v7r1p28"], ["-", "v7r1p29"]]
    assert len(shifted) == 20
    assert all(line.startswith("  ~ v") and "(another day" in line for line in shifted)
    assert "more releases that would move to other periods" in more
    found = polled("config", "diff", str(new), "--format", "json").json
    assert [release["version"] for release in found["repositories"][0]["dropped"]] == ["v7r1p28", "v7r1p29"]
    assert polled("releases", "--format", "json").json == before


def test_a_broken_file_is_told_as_by_check(polled: Product, new: Path) -> None:
    new.write_text("colour = 1\n")
    said = polled("config", "diff", str(new))
    assert said.code == 2
    assert said.err.startswith(f'error: {new}: colour: unknown key "colour"; ')


def test_a_repository_that_goes_is_named(polled: Product, new: Path) -> None:
    new.write_text(new.read_text().partition("[[repositories]]")[0])
    assert polled("config", "diff", str(new)).out == (
        "github:DIRACGrid/DIRAC: would no longer be watched; recorded data is kept\n"
    )
