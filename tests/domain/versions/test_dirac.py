"""What a tag name means in DIRAC's scheme."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440Version

from bot.domain.versions.dirac import DiracScheme

DIRAC = DiracScheme()
numbers = st.integers(min_value=0, max_value=9_999_999_999)
dirac_names = st.builds(
    lambda major, minor, patch, pre: f"v{major}r{minor}" + (f"-pre{pre}" if pre is not None else f"p{patch}"),
    st.integers(0, 20),
    st.integers(0, 120),
    st.integers(0, 120),
    st.none() | st.integers(0, 120),
)


@pytest.mark.parametrize(
    ("tag", "normalized", "series", "kind", "shown"),
    [
        ("v7r0p49", "7.0.49", "v7r0", "patch", "v7r0p49"),
        ("v7r2", "7.2.0", "v7r2", "minor", "v7r2"),
        ("v7.2.0", "7.2.0", "v7r2", "minor", "v7.2.0"),
        ("v8r0", "8.0.0", "v8r0", "major", "v8r0"),
        ("v8.0.0", "8.0.0", "v8r0", "major", "v8.0.0"),
        ("v7r2p1", "7.2.1", "v7r2", "patch", "v7r2p1"),
        ("v7.2.1", "7.2.1", "v7r2", "patch", "v7.2.1"),
        ("v7r2-pre34", "7.2.0a34", "v7r2", "pre-release", "v7r2-pre34"),
        ("v7.2.0a34", "7.2.0a34", "v7r2", "pre-release", "v7.2.0a34"),
        ("7.2a28", "7.2.0a28", "v7r2", "pre-release", "7.2a28"),
        ("v7.2a31", "7.2.0a31", "v7r2", "pre-release", "v7.2a31"),
        ("v8.0.0.a18", "8.0.0a18", "v8r0", "pre-release", "v8.0.0a18"),
        ("v8.0.12", "8.0.12", "v8r0", "patch", "v8.0.12"),
        ("V7r1P29", "7.1.29", "v7r1", "patch", "V7r1P29"),
        ("v1r62p0", "1.62.0", "v1r62", "minor", "v1r62p0"),
        ("v9.0.0rc1", "9.0.0rc1", "v9r0", "pre-release", "v9.0.0rc1"),
        ("v6r15p10-pre2", "6.15.10a2", "v6r15", "pre-release", "v6r15p10-pre2"),
    ],
)
def test_dirac_reads_both_of_its_spellings(tag: str, normalized: str, series: str, kind: str, shown: str) -> None:
    version = DIRAC.read(tag)
    assert version is not None
    assert (version.normalized, version.series, version.kind.value) == (normalized, series, kind)
    assert DIRAC.spell(version, (tag,)) == shown


@pytest.mark.parametrize(
    "tag",
    [
        *("grep", "v6e7p27", "CTA-HEAD", "v1r35p", "", "v", "v7r", "v7r2-pre", "v7r2\n", "v7", "v7r2p1x", "v1r62test"),
        *("v7.2.0.dev1", "v7.2.0.post1", "v\u0667r\u0662", "v7r2p99999999999", "origin/v7r2", "v1r30p5-bup"),
    ],
)
def test_dirac_reads_nothing_into_other_names(tag: str) -> None:
    assert DIRAC.read(tag) is None


@given(numbers, numbers, numbers)
def test_both_spellings_of_a_dirac_patch_are_one_version(major: int, minor: int, patch: int) -> None:
    legacy = DIRAC.read(f"v{major}r{minor}p{patch}")
    assert legacy is not None
    assert legacy == DIRAC.read(f"v{major}.{minor}.{patch}") == DIRAC.read(f"V{major}R{minor}P{patch}")


@given(numbers, numbers, numbers)
def test_both_spellings_of_a_dirac_pre_release_are_one_version(major: int, minor: int, pre: int) -> None:
    legacy = DIRAC.read(f"v{major}r{minor}-pre{pre}")
    assert legacy is not None
    assert legacy == DIRAC.read(f"{major}.{minor}a{pre}") == DIRAC.read(f"v{major}.{minor}.0.a{pre}")


def test_a_dirac_version_is_shown_in_the_legacy_spelling_where_a_twin_has_it() -> None:
    version = DIRAC.read("7.2a28")
    assert version is not None
    assert DIRAC.spell(version, ("7.2a28", "v7r2-pre28")) == "v7r2-pre28"


def test_among_twins_without_legacy_spelling_the_one_with_v_is_shown() -> None:
    version = DIRAC.read("2.0.0a4")
    assert version is not None
    assert DIRAC.spell(version, ("2.0.0a4", "v2.0.0a4")) == "v2.0.0a4"


@pytest.mark.parametrize("text", ["v7r1", "V7R1", "7.1", "v7.1", "7r1"])
def test_a_dirac_series_is_read_in_any_spelling(text: str) -> None:
    assert DIRAC.read_series(text) == "v7r1"


@pytest.mark.parametrize("text", ["v7r1p2", "seven", "", "7"])
def test_what_is_no_series_reads_as_none(text: str) -> None:
    assert DIRAC.read_series(text) is None


@given(dirac_names, dirac_names)
def test_dirac_versions_are_ordered_as_their_pep_440_forms(one: str, other: str) -> None:
    a, b = DIRAC.read(one), DIRAC.read(other)
    assert a is not None
    assert b is not None
    assert (a.order < b.order) == (Pep440Version(a.normalized) < Pep440Version(b.normalized))
