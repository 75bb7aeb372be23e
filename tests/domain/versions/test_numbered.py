"""What a tag name means as two to four numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440Version

from bot.domain.versions.numbered import NumberedScheme

NUMBERED = NumberedScheme()


@pytest.mark.parametrize(
    ("tag", "prefix", "normalized", "series", "kind"),
    [
        ("v01-37", "", "1.37.0", "1.37", "minor"),
        ("v01-37-02", "", "1.37.2", "1.37", "patch"),
        ("pgbouncer_1_25_1", "pgbouncer_", "1.25.1", "1.25", "patch"),
        ("v3_3_rc10", "", "3.3.0rc10", "3.3", "pre-release"),
        ("R_2_8_2", "R_", "2.8.2", "2.8", "patch"),
        ("R_2_8_2", "", "2.8.2", "2.8", "patch"),
        ("V_9_9_P1", "", "9.9.0p1", "9.9", "patch"),
        ("2.4.5.8", "", "2.4.5.8", "2.4", "patch"),
        ("2.4.5.0", "", "2.4.5", "2.4", "patch"),
        ("1.0.9.patch1", "", "1.0.9p1", "1.0", "patch"),
        ("v1.8.1p2", "", "1.8.1p2", "1.8", "patch"),
        ("v1.8p0", "", "1.8.0", "1.8", "minor"),
        ("7.1.2-29", "", "7.1.2.29", "7.1", "patch"),
        ("REL_16_2", "REL_", "16.2.0", "16.2", "minor"),
        ("release-2.0", "", "2.0.0", "2.0", "major"),
        ("REL_16_BETA1", "REL_", "16.0.0b1", "16.0", "pre-release"),
        ("1.0-beta", "", "1.0.0b0", "1.0", "pre-release"),
        ("1.0alpha2", "", "1.0.0a2", "1.0", "pre-release"),
        ("1.0.DEV-3", "", "1.0.0dev3", "1.0", "pre-release"),
        ("1.0pre4", "", "1.0.0pre4", "1.0", "pre-release"),
        ("2021.06.01", "", "2021.6.1", "2021.6", "patch"),
        ("v20240115", "", "20240115.0.0", "single", "major"),
        ("20240115", "", "20240115.0.0", "single", "major"),
        ("202401", "", "202401.0.0", "single", "major"),
        ("release-20240115", "", "20240115.0.0", "single", "major"),
        ("nightly-20240115", "nightly-", "20240115.0.0", "single", "major"),
        ("20240115-rc1", "", "20240115.0.0rc1", "single", "pre-release"),
        ("20240115.1", "", "20240115.1.0", "20240115.1", "minor"),
    ],
)
def test_numbers_with_any_separators(tag: str, prefix: str, normalized: str, series: str, kind: str) -> None:
    version = NumberedScheme(prefix).read(tag)
    assert version is not None
    assert (version.normalized, version.series, version.kind.value) == (normalized, series, kind)


@pytest.mark.parametrize(
    "tag",
    [
        *(
            "",
            "v",
            "7",
            "v2024",
            "12345",
            "20240115x",
            "pgbouncer_1_25_1",
            "1.2.3.4.5",
            "1..2",
            "1.2.",
            ".1.2",
            "1.2-final",
            "1.2p",
            "1.2x3",
        ),
        *(
            "1.2x3",
            "1.2.3+build",
            "nightly-2024-01-01",
            "v7r2",
            "12r",
            "1.2rc1p2",
            "1.2\n",
            "\u0661.\u0662",
            "1.99999999999",
        ),
    ],
)
def test_other_names_are_no_versions(tag: str) -> None:
    assert NUMBERED.read(tag) is None


def test_words_and_their_numbers_are_in_natural_order() -> None:
    names = ["3.3dev2", "3.3dev10", "3.3a9", "3.3-alpha10", "3.3_b1", "3.3beta2", "3.3pre9", "3.3pre10", "v3_3_rc2"]
    names += ["v3_3_rc10", "3.3", "3.3p1", "3.3.patch2", "3.3p10", "3.3.0.1", "3.3.1", "3.4", "10.0"]
    versions = [NUMBERED.read(name) for name in names]
    assert all(a is not None and b is not None and a.order < b.order for a, b in pairwise(versions))


@pytest.mark.parametrize("text", ["v3_2", "3.2", "03-02", "V3.2"])
def test_a_series_is_read_as_the_project_spells_it(text: str) -> None:
    from bot.domain.spellings import read_series

    assert read_series(text, NUMBERED) == "3.2"


numbers = st.lists(st.integers(0, 120), min_size=2, max_size=4).map(lambda read: ".".join(map(str, read)))
# Python's versions take "pre" for "rc" and have a fifth number; both schemes read all else of these.
names = st.builds(
    lambda release, word, number: release + (f"{word}{number}" if word else ""),
    numbers,
    st.sampled_from(["", "a", "b", "rc", ".dev", ".post", "alpha", "-beta", "_rc", "-c"]),
    st.integers(1, 120),
)


@given(names, names)
def test_the_order_agrees_with_packaging_where_both_read(one: str, other: str) -> None:
    a, b = NUMBERED.read(one), NUMBERED.read(other)
    assert a is not None
    assert b is not None
    assert (a.order < b.order) == (Pep440Version(one) < Pep440Version(other))
    assert (a.normalized == b.normalized) == (Pep440Version(one) == Pep440Version(other))


@given(numbers, st.sampled_from(["", "rc", "p"]), st.integers(1, 99))
def test_separators_and_case_make_no_difference(release: str, word: str, number: int) -> None:
    name = release + (f"{word}{number}" if word else "")
    forms = {name, name.upper(), name.replace(".", "_"), name.replace(".", "-"), f"v{name}", f"V_{name}"}
    assert len({NUMBERED.read(form) for form in forms}) == 1


def test_a_milestone_comes_after_a_beta_and_before_a_release_candidate() -> None:
    scheme = NumberedScheme()
    names = ["3.0.0-alpha2", "3.0.0-beta1", "3.0.0-M2", "3.0.0-M10", "3.0.0-RC1", "3.0.0"]
    read = [version for name in names if (version := scheme.read(name)) is not None]
    assert [version.order for version in read] == sorted(version.order for version in read)
    assert [version.kind.is_final for version in read] == [False] * 5 + [True]
