"""Release a version: ``python -m tools.release 1.0.0 [--dry-run] [--skip-checks]``, or ``make release VERSION=1.0.0``.

Refuses what cannot be released, runs the checks, builds the packages and verifies them, and then makes the annotated
tag. Pushing the tag and uploading the packages stay with the person who releases.
"""

import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tools.packages import ROOT, PackageError, build_and_verify

_HEAD = re.compile(r"^## \[(?P<version>[^\]]+)\] - \d{4}-\d{2}-\d{2}$", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)


class CannotRelease(Exception):
    """Why a version cannot be released, and what to do."""


@dataclass(frozen=True)
class Release:
    """A version that is to be released from a git work tree."""

    folder: Path
    version: str

    @property
    def tag(self) -> str:
        """The name of its tag."""
        return f"v{self.version}"

    def check(self) -> None:
        """Raise CannotRelease if the version or the work tree is not ready."""
        version = _parsed(self.version)
        if version is None or str(version) != self.version:
            raise CannotRelease(f'"{self.version}" is not a normalized version (PEP 440); give one such as 1.2.0')
        if self._git("status", "--porcelain"):
            raise CannotRelease("the work tree has changes; commit or stash them")
        tags = self._git("tag", "--list").split()
        if self.tag in tags:
            raise CannotRelease(f"the tag {self.tag} exists; choose a newer version")
        released = [found for tag in tags if (found := _parsed(tag.removeprefix("v"))) is not None]
        if released and version <= max(released):
            raise CannotRelease(f"{version} is not newer than {max(released)}; choose a newer version")
        self._check_files()

    def _check_files(self) -> None:
        found = _VERSION.search((self.folder / "bot/__init__.py").read_text())
        if found is None or found["version"] != self.version:
            raise CannotRelease(
                f'bot/__init__.py has another version; set __version__ = "{self.version}" and commit it'
            )
        self.notes()

    def notes(self) -> str:
        """Return the changelog's text on this version. Raises CannotRelease if it has none."""
        changelog = (self.folder / "CHANGELOG.md").read_text()
        for head in _HEAD.finditer(changelog):
            if head["version"] == self.version:
                text = re.split(r"^## ", changelog[head.end() :], maxsplit=1, flags=re.MULTILINE)[0].strip()
                if text:
                    return text
        raise CannotRelease(
            f'CHANGELOG.md has no entry "## [{self.version}] - YYYY-MM-DD"; move what is under Unreleased into one'
        )

    def make_tag(self) -> None:
        """Make the annotated tag of this version, with the changelog's text as its message."""
        # Headings of the text begin with "#", which git takes for comments otherwise.
        self._git(
            "tag", "--annotate", "--cleanup=verbatim", "--message", f"{self.version}\n\n{self.notes()}\n", self.tag
        )

    def _git(self, *arguments: str) -> str:
        ran = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise CannotRelease(f"git {arguments[0]}: {ran.stderr.strip()}")
        return ran.stdout


def _parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def make_release(release: Release, steps: Sequence[Callable[[], object]], *, is_dry: bool) -> None:
    """Check the work tree, take the steps, check the tree again, and tag it unless ``is_dry``. Raises CannotRelease."""
    release.check()
    for step in steps:
        step()
    # A check that writes files has found something that is not committed.
    release.check()
    if is_dry:
        print(f"dry run: {release.tag} can be released; no tag was made")
        return
    release.make_tag()
    print(f"made the tag {release.tag}; publish it: git push origin {release.tag}, and upload dist/")


def _run_checks() -> None:
    if subprocess.run(["make", "check"], cwd=ROOT, check=False).returncode != 0:
        raise CannotRelease("make check failed; fix what it reports")


def main(arguments: Sequence[str]) -> int:
    """Release a version, and return the exit code."""
    parser = ArgumentParser(prog="python -m tools.release")
    parser.add_argument("version", help="the version to release, such as 1.0.0")
    parser.add_argument("--dry-run", action="store_true", help="everything except the tag")
    parser.add_argument(
        "--skip-checks", action="store_true", help="without make check, if it has passed on this commit"
    )
    given = parser.parse_args(arguments)
    checks = [] if given.skip_checks else [_run_checks]
    steps: list[Callable[[], object]] = [*checks, lambda: build_and_verify(ROOT / "dist")]
    try:
        make_release(Release(ROOT, given.version), steps, is_dry=given.dry_run)
    except (CannotRelease, PackageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, CannotRelease) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
