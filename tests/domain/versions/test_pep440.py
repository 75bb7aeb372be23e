"""What a tag name means as a Python version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440Version

from bot.domain.versions.pep440 import Pep440Scheme

pep440_names = st.builds(
    lambda release, pre, post: ".".join(map(str, release)) + pre + post,
    st.lists(st.integers(0, 120), min_size=1, max_size=5),
    st.sampled_from(["", "", "a1", "a12", "b2", "rc1", "rc10"]),
    st.sampled_from(["", "", ".post1", ".post12"]),
)


@given(pep440_names, pep440_names)
def test_pep_440_versions_are_ordered_and_identified_as_packaging_does(one: str, other: str) -> None:
    a, b = Pep440Scheme().read(one), Pep440Scheme().read(other)
    assert a is not None
    assert b is not None
    assert (a.order < b.order) == (Pep440Version(one) < Pep440Version(other))
    assert (a.normalized == b.normalized) == (Pep440Version(one) == Pep440Version(other))


@pytest.mark.parametrize(
    ("tag", "normalized", "series", "kind"),
    [
        ("v1.26.4", "1.26.4", "1.26", "patch"),
        ("1.26", "1.26.0", "1.26", "minor"),
        ("2.0.0", "2.0.0", "2.0", "major"),
        ("v2.0.0rc1", "2.0.0rc1", "2.0", "pre-release"),
        ("1.0.post1", "1.0.0.post1", "1.0", "patch"),
        ("1.5.1.1", "1.5.1.1", "1.5", "patch"),
        ("1!2.0", "1!2.0.0", "1!2.0", "major"),
        ("v8", "8.0.0", "8.0", "major"),
        ("2021", "2021.0.0", "2021.0", "major"),
        ("1042", "1042.0.0", "1042.0", "major"),
        ("20240115", "20240115.0.0", "single", "major"),
        ("v20240115", "20240115.0.0", "single", "major"),
        ("20240115.0", "20240115.0.0", "single", "major"),
        ("20240115.post1", "20240115.0.0.post1", "single", "patch"),
        ("1!20240115", "1!20240115.0.0", "1!20240115.0", "major"),
    ],
)
def test_pep_440(tag: str, normalized: str, series: str, kind: str) -> None:
    version = Pep440Scheme().read(tag)
    assert version is not None
    assert (version.normalized, version.series, version.kind.value) == (normalized, series, kind)


@pytest.mark.parametrize(
    "tag", ["v7r2", "v1.21.0.dev0", "1.0+cern.1", "with_maskna", "1.0-r3", "12r", "1.0.r", "9" * 200]
)
def test_pep_440_takes_neither_dirac_names_nor_development_versions(tag: str) -> None:
    assert Pep440Scheme().read(tag) is None
