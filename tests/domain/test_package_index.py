"""What a package index publishes: versions by PEP 440, the first upload, and what is yanked as a whole."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.package_index import IndexFile, IndexListing, IndexVersion, version_key, versions_of
from tests.builders import MONDAY

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("one", "other"), [("7.2.0a34", "7.2.0.alpha34"), ("1.0", "1.0.0"), ("v9.1.5", "9.1.5"), ("1.2.3-rc.1", "1.2.3rc1")]
)
def test_spellings_of_one_version_have_one_key(one: str, other: str) -> None:
    assert version_key(one) == version_key(other) is not None


def test_what_is_no_version_has_no_key() -> None:
    assert version_key("v6r22p1") is None


def test_a_version_was_uploaded_with_its_first_file() -> None:
    files = [IndexFile("9.1.5", MONDAY + HOUR), IndexFile("9.1.5", MONDAY), IndexFile("9.1.5")]
    assert versions_of(files) == [IndexVersion("9.1.5", MONDAY)]


@pytest.mark.parametrize(
    ("yanked", "reason"), [(["Buggy", ""], "Buggy"), (["", ""], ""), (["Buggy", None], None), ([None], None)]
)
def test_a_version_is_yanked_if_all_of_its_files_are(yanked: list[str | None], reason: str | None) -> None:
    [version] = versions_of(IndexFile("9.1.5", MONDAY, each) for each in yanked)
    assert version.yanked == reason


@given(st.permutations([IndexFile(f"1.{minor}.0", MONDAY + minor * HOUR) for minor in range(12)]))
def test_versions_come_in_order_however_files_are_listed(files: list[IndexFile]) -> None:
    assert [each.version for each in versions_of(files)] == [f"1.{minor}.0" for minor in range(12)]


def test_a_listing_keeps_since_when_it_knows_a_version_and_its_yank() -> None:
    listing = IndexListing("pypi:DIRAC").updated([IndexVersion("9.1.5")], MONDAY)
    for hours in (1, 2):
        listing = listing.updated([IndexVersion("9.1.5", yanked="Buggy")], MONDAY + hours * HOUR)
    [listed] = listing.versions.values()
    assert (listed.seen_at, listed.yanked_at) == (MONDAY, MONDAY + HOUR)
    assert listing.updated([IndexVersion("9.1.5")], MONDAY).versions["9.1.5"].yanked_at is None


def test_what_was_known_earlier_is_read_back() -> None:
    listing = IndexListing("pypi:DIRAC").updated([IndexVersion("9.1.5")], MONDAY)
    listing = listing.updated([IndexVersion("9.1.5", yanked="Buggy")], MONDAY + HOUR)
    assert listing.known_at(MONDAY - HOUR).find("9.1.5") is None
    assert listing.known_at(MONDAY).find("9.1.5") == IndexVersion("9.1.5")
    assert listing.known_at(MONDAY + HOUR).find("v9.1.5") == IndexVersion("9.1.5", yanked="Buggy")


def test_versions_without_a_release_are_found() -> None:
    listing = IndexListing("pypi:DIRAC").updated([IndexVersion("9.1"), IndexVersion("9.1.5")], MONDAY)
    assert listing.without_tags(["9.1.0", "no version"]) == ("9.1.5",)
