"""Markdown files, Keep a Changelog, and the texts of releases on forges."""

import pytest

from bot.domain.notes.entries import Entry
from bot.domain.notes.formats import FORMATS, read_notes
from bot.domain.versions.base import Scheme
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme

SEMVER = SemverScheme()
CHANGELOG = """# Changelog

## [Unreleased]
### Added
- not yet

## [1.2.0] - 2021-02-15
### Added
- A flag `--dry-run` ([#12](https://github.com/o/r/pull/12))
- Two lines
  of one item
    - with a detail
### Changed
* Nothing much
### Removed
- The old API
### Security
1. CVE-1

## [1.1.0] - 2021-01-01 [YANKED]
### Fixed
- A crash

[1.2.0]: https://github.com/o/r/compare/v1.1.0...v1.2.0
"""
GENERATED = """<!-- Release notes generated using configuration in .github/release.yml at v1.2.0 -->

## What's Changed
* Add a flag by @ann in https://github.com/o/r/pull/12
* Fix #7 by @bob in https://github.com/o/r/pull/13
### Bug Fixes
* **core:** no crash ([#14](https://github.com/o/r/issues/14)) ([abc1234](https://github.com/o/r/commit/abc1234))

## New Contributors
* @bob made their first contribution in https://github.com/o/r/pull/13

**Full Changelog**: https://github.com/o/r/compare/v1.1.0...v1.2.0
"""


def block(text: str, version: str, format_name: str = "markdown", scheme: Scheme = SEMVER) -> str:
    return FORMATS[format_name].block(text, version, scheme)


def entries(text: str, format_name: str = "markdown") -> list[Entry]:
    return list(read_notes(text, format_name).entries)


def test_a_changelogs_block_ends_at_the_next_version() -> None:
    own = block(CHANGELOG, "1.2.0", "keepachangelog")
    assert "A flag" in own
    assert "not yet" not in own
    assert "A crash" not in own
    assert block(CHANGELOG, "1.1.0", "keepachangelog").startswith("### Fixed\n- A crash")
    assert block(CHANGELOG, "1.0.0", "keepachangelog") == block(CHANGELOG, "1.1.1", "keepachangelog") == ""


def test_a_changelogs_headings_are_the_kinds() -> None:
    assert entries(block(CHANGELOG, "1.2.0", "keepachangelog"), "keepachangelog") == [
        Entry("NEW", "A flag `--dry-run` ([#12](https://github.com/o/r/pull/12))", 12),
        Entry("NEW", "Two lines of one item - with a detail"),
        Entry("CHANGE", "Nothing much"),
        Entry("Removed", "The old API"),
        Entry("Security", "CVE-1"),
    ]


def test_the_addresses_of_links_below_the_last_version_are_no_entries() -> None:
    assert entries(block(CHANGELOG, "1.1.0", "keepachangelog"), "keepachangelog") == [Entry("FIX", "A crash")]


@pytest.mark.parametrize(
    "heading",
    [
        "## 1.2.3",
        "# v1.2.3",
        "## v1.2.3 (2021-02-15)",
        "## [1.2.3](https://github.com/o/r/compare/v1.2.2...v1.2.3) (2021-02-15)",
        "### Version 1.2.3 - the big one",
        "## **1.2.3**",
        "## DIRAC 1.2.3 released 15 February",
        "## 1.2.3 The big one",
        "## What is new in V1.2.3:",
        "1.2.3\n=====",
        "1.2.3 (2021-02-15)\n---",
    ],
)
def test_a_heading_names_a_version_in_many_ways(heading: str) -> None:
    text = f"# Notes\n\nabout us\n\n{heading}\n\n- one\n\n## 1.2.2\n\n- two\n"
    assert block(text, "1.2.3") == "- one"


@pytest.mark.parametrize(
    "heading",
    ["## Upgrading from 1.2.3", "## Since 1.2.3", "## Support for 1.2.3", "## 1.2.30", "##1.2.3", "1.2.3", "- 1.2.3"],
)
def test_what_only_mentions_a_version_is_not_its_heading(heading: str) -> None:
    assert block(f"{heading}\n\n- one\n", "1.2.3") == ""


def test_a_number_in_words_is_no_version() -> None:
    text = "## 2.0\n### 3 bugs fixed\n- one\n## 1.0\n- two\n"
    assert block(text, "2.0.0", scheme=Pep440Scheme()) == "### 3 bugs fixed\n- one"
    assert block(text, "3.0.0", scheme=Pep440Scheme()) == ""


def test_a_date_after_the_version_is_not_taken_for_it() -> None:
    scheme = NumberedScheme()
    version = scheme.read("1.2.3")
    dated = scheme.read("2021-02-15")
    assert version is not None
    assert dated is not None
    text = "## 1.2.3 - 2021-02-15\n- one\n"
    assert block(text, version.normalized, scheme=scheme) == "- one"
    assert block(text, dated.normalized, scheme=scheme) == ""


def test_another_version_ends_the_block_at_any_level_and_a_heading_below_does_not() -> None:
    text = "# 1.2.0\n## Fixes\n- one\n## 1.1.9\n- two\n"
    assert block(text, "1.2.0") == "## Fixes\n- one"
    assert block(text, "1.1.9") == "- two"
    fenced = "## 1.2.0\n```\n## 1.1.0\n- two\n"
    assert block(fenced, "1.2.0") == "```"


def test_a_heading_in_a_code_block_begins_nothing() -> None:
    assert block("```\n## 1.2.0\n- no\n```\n## 1.2.0\n~~~\n# comment\n~~~\n- yes\n", "1.2.0") == (
        "~~~\n# comment\n~~~\n- yes"
    )
    assert entries("~~~\n# comment\n~~~\n- yes\n") == [Entry("", "yes")]


def test_markdown_has_items_and_paragraphs() -> None:
    assert entries(
        "A first\nparagraph.\n\n- item\nlazy\n\n  still the item\n\nAnother #5.\n\n---\n### Fixes\n* !6 x\n"
    ) == [
        Entry("", "A first paragraph."),
        Entry("", "item lazy still the item"),
        Entry("", "Another #5.", 5),
        Entry("FIX", "!6 x", 6),
    ]


def test_the_notes_that_github_generates_are_their_items() -> None:
    assert block(GENERATED, "anything", "release") == GENERATED.strip()
    assert entries(GENERATED, "release") == [
        Entry("", "Add a flag by @ann", 12),
        Entry("", "Fix #7 by @bob", 13),
        Entry(
            "FIX",
            "**core:** no crash ([#14](https://github.com/o/r/issues/14)) "
            "([abc1234](https://github.com/o/r/commit/abc1234))",
            14,
        ),
    ]


def test_of_a_release_text_without_items_the_paragraphs_are_read() -> None:
    assert entries("First release.\n\nSee !7.", "release") == [Entry("", "First release."), Entry("", "See !7.", 7)]
    assert entries("Intro.\n\n- item\n", "release") == [Entry("", "item")]
    assert entries("**Full Changelog**: https://github.com/o/r/compare/a...b", "release") == []


def test_the_address_of_a_merge_request_has_its_number() -> None:
    [entry] = entries("* Fixes #3 (https://gitlab.cern.ch/o/r/-/merge_requests/45)", "release")
    assert entry.pull == 45
