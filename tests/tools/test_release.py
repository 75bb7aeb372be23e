"""Releasing a version: what is refused, what is tagged, and that the bot reads these tags."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import App, environment, now
from bot.config.load import load
from bot.domain.polling.record import PollDepth
from bot.services.poll import Asked, poll
from tools.release import CannotRelease, Release, make_release

_CHANGELOG = """# Changelog

## [Unreleased]

## [1.1.0] - 2026-11-27

### Digests
- A digest.

## [1.0.0] - 2026-10-01

### Counting
- A count.
"""


def git(folder: Path, *arguments: str) -> str:
    given = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    return subprocess.run(["git", *given, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work tree that is ready for 1.1.0, with 1.0.0 tagged."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "A")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.org")
    git(tmp_path, "init", "-q")
    (tmp_path / "bot").mkdir()
    write(tmp_path, "bot/__init__.py", '__version__ = "1.1.0"\n')
    write(tmp_path, "CHANGELOG.md", _CHANGELOG)
    git(tmp_path, "tag", "v1.0.0")
    return tmp_path


def write(tree: Path, name: str, text: str) -> None:
    (tree / name).write_text(text)
    git(tree, "add", name)
    git(tree, "commit", "-qm", f"Write {name}")


def released(tree: Path, version: str = "1.1.0", *steps: Callable[[], object], is_dry: bool = False) -> None:
    make_release(Release(tree, version), steps, is_dry=is_dry)


def test_a_release_is_an_annotated_tag_with_the_changelogs_text(tree: Path) -> None:
    released(tree)
    assert git(tree, "cat-file", "-t", "v1.1.0") == "tag\n"
    assert git(tree, "tag", "-l", "--format=%(contents)", "v1.1.0").strip() == "1.1.0\n\n### Digests\n- A digest."


def test_a_dry_run_takes_every_step_and_makes_no_tag(tree: Path) -> None:
    taken: list[str] = []
    released(tree, "1.1.0", lambda: taken.append("checks"), lambda: taken.append("packages"), is_dry=True)
    assert (taken, git(tree, "tag")) == (["checks", "packages"], "v1.0.0\n")


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("1.0.0", "the tag v1.0.0 exists"),
        ("0.9", "0.9 is not newer than 1.0.0"),
        ("1.0.0rc1", "1.0.0rc1 is not newer than 1.0.0"),
        ("1.2.0", "bot/__init__.py has another version"),
        ("v1.1.0", "is not a normalized version"),
        ("", "is not a normalized version"),
    ],
)
def test_a_version_that_does_not_fit_is_refused(tree: Path, version: str, reason: str) -> None:
    with pytest.raises(CannotRelease, match=re.escape(reason)):
        released(tree, version)
    assert git(tree, "tag") == "v1.0.0\n"


@pytest.mark.parametrize(
    "text", ["# Changelog\n", "## [1.1.0] - 2026-11-27\n\n## [1.0.0] - 2026-10-01\n\n- A count.\n"]
)
def test_a_version_without_an_entry_in_the_changelog_is_refused(tree: Path, text: str) -> None:
    write(tree, "CHANGELOG.md", text)
    with pytest.raises(CannotRelease, match=r"CHANGELOG\.md has no entry"):
        released(tree)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new"])
def test_changes_that_are_not_committed_are_refused(tree: Path, name: str) -> None:
    with (tree / name).open("a") as file:
        file.write("more\n")
    with pytest.raises(CannotRelease, match="the work tree has changes"):
        released(tree)


def test_a_step_that_changes_the_tree_prevents_the_tag(tree: Path) -> None:
    with pytest.raises(CannotRelease, match="the work tree has changes"):
        released(tree, "1.1.0", lambda: (tree / "written").write_text("by a check"))
    assert git(tree, "tag") == "v1.0.0\n"


def test_the_bot_reads_the_tags_of_releases(tree: Path) -> None:
    released(tree)
    git(tree, "clone", "-q", "--bare", str(tree), str(tree / "team/made.git"))
    config = tree / "bot.toml"
    config.write_text(
        f'database = {{ url = "sqlite:///{tree}/bot.db" }}\n'
        f'[forges.here]\nkind = "git"\nbase_url = "file://{tree}"\n'
        '[[repositories]]\nforge = "here"\npath = "team/made.git"\nscheme = "pep440"\nprefix = "v"\n'
    )
    app = App(load(config, {}), environment())
    [watched] = app.repositories()
    with app.store() as store, app.forges(app.watched_forges()) as forges:
        [outcome] = poll([Asked(watched, PollDepth.COMPLETE)], forges, store, now)
        releases = store.releases.of([watched.key])
    assert outcome.error is None
    assert {release.tags for release in releases} == {("v1.0.0",), ("v1.1.0",)}
