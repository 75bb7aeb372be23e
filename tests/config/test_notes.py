"""The release notes of a repository in the configuration file."""

from pathlib import Path

import pytest

from bot.config.load import load
from bot.domain.notes.formats import FORMATS
from bot.domain.repositories import NotesFile
from tests.config.files import BASE, SHIPPED, mistakes, settings

NOTES = 'notes = {{ file = "{}", format = "{}" }}\n'


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"release"}))
def test_a_file_at_the_tag_is_named_with_its_format(tmp_path: Path, name: str) -> None:
    [repository] = settings(BASE + NOTES.format("docs/release notes.md", name), tmp_path).own_repositories
    page = "https://github.com/DIRACGrid/DIRAC/blob/{tag}/docs/release%20notes.md"
    assert repository.notes == NotesFile("docs/release notes.md", name, page)
    assert repository.url_of_notes("rel/v1#2") == page.replace("{tag}", "rel/v1%232")


def test_without_one_the_forge_has_the_notes(tmp_path: Path) -> None:
    [repository] = settings(BASE, tmp_path).own_repositories
    assert (repository.notes, repository.url_of_notes("v7r1")) == (None, None)


def test_a_gitlab_has_pages_for_files_and_a_git_server_has_none(tmp_path: Path) -> None:
    for kind, page in (("gitlab", "https://x.example/a/b/-/blob/v1/N.md"), ("git", None)):
        text = f'[forges.f]\nkind = "{kind}"\nbase_url = "https://x.example"\n[[repositories]]\nforge = "f"\n'
        [repository] = settings(f'{text}path = "a/b"\n{NOTES.format("N.md", "markdown")}', tmp_path).own_repositories
        assert repository.url_of_notes("v1") == page


def test_the_notes_are_no_rule_by_which_releases_are_made(tmp_path: Path) -> None:
    [before] = settings(BASE, tmp_path).own_repositories
    [after] = settings(BASE + NOTES.format("N.md", "markdown"), tmp_path).own_repositories
    assert repr(before) == repr(after)


def test_the_shipped_configuration_reads_diracs_notes() -> None:
    dirac = load(SHIPPED, {}).own_repositories[0]
    assert dirac.notes is not None
    assert (dirac.notes.path, dirac.notes.format) == ("release.notes", "dirac")


@pytest.mark.parametrize("file", ["/etc/passwd", "../N.md", "a/../b", "", "-N.md", "a//b", "a\\\\b", "x" * 201])
def test_a_file_outside_of_the_repository_is_refused(tmp_path: Path, file: str) -> None:
    [mistake] = mistakes(BASE + NOTES.format(file, "dirac"), tmp_path)
    assert "notes.file: invalid file " in mistake
    assert mistake.endswith('; a path in the repository, example: "release.notes"')


def test_all_mistakes_are_told_with_their_place(tmp_path: Path) -> None:
    found = mistakes(BASE + 'notes = { file = 7, format = "rst", branch = "x" }\n', tmp_path)
    assert len(found) == 3
    assert any('format: invalid value "rst"; must be ' in each for each in found)
    [missing] = mistakes(BASE + 'notes = { file = "N.md" }\n', tmp_path)
    assert "notes.format: missing key" in missing
