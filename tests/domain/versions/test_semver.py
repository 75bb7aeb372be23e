"""What a tag name means as a semantic version."""

from itertools import pairwise

import pytest

from bot.domain.versions.semver import SemverScheme


def test_semver_orders_pre_releases_as_its_rule_11_has_them() -> None:
    scheme = SemverScheme()
    names = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    names += ["1.0.0-rc.1", "1.0.0", "1.0.1-1", "1.0.1-1a", "1.0.1", "1.1.0", "2.0.0", "10.0.0"]
    versions = [scheme.read(name) for name in names]
    assert all(a is not None and b is not None and a.order < b.order for a, b in pairwise(versions))


def test_semver_leaves_build_metadata_aside() -> None:
    scheme = SemverScheme()
    assert scheme.read("v1.2.3+build.7") == scheme.read("1.2.3")


@pytest.mark.parametrize("tag", ["1.2", "01.2.3", "1.2.3-", "1.2.3-01", "v1.2.3.4"])
def test_semver_is_strict(tag: str) -> None:
    assert SemverScheme().read(tag) is None


def test_a_prefix_is_asked_for_and_taken_off() -> None:
    scheme = SemverScheme(prefix="diracx-")
    version = scheme.read("diracx-1.2.3")
    assert version is not None
    assert version.normalized == "1.2.3"
    assert scheme.read("1.2.3") is None
    assert scheme.read_series("1.2") == "1.2"


def test_builds_of_a_version_may_be_releases_of_their_own() -> None:
    scheme = SemverScheme(builds_differ=True)
    names = [
        "1.28.2-rc1+k3s1",
        "1.28.2-rc1.1+k3s1",
        "v1.28.2",
        "v1.28.2+k3s1",
        "v1.28.2+k3s2",
        "v1.28.2+k3s10",
        "1.28.3",
    ]
    versions = [version for name in names if (version := scheme.read(name)) is not None]
    assert len({each.normalized for each in versions}) == len(names)
    assert sorted(versions, key=lambda each: each.order) == versions
    assert versions[4].kind.value == "patch"
