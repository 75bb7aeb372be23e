"""Which rules fit a repository's tags."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import Pattern
from bot.domain.repositories import Counts
from bot.domain.scheme_fit import Fit, best_fits, fit_of, pattern_skeleton
from bot.domain.versions.prefixes import likely_prefixes
from bot.domain.versions.regex import RegexScheme
from bot.domain.versions.schemes import SCHEMES
from tests.builders import MONDAY, a_repository, a_tag

NAMES = st.from_regex(r"v?[0-9]{1,2}[r.][0-9]{1,2}(([p.])[0-9]{1,2})?(-pre[0-9]|a[0-9])?|grep", fullmatch=True)


def fits(*names: str) -> list[tuple[str, Fit]]:
    """Return how each scheme reads tags that were made in this order, a week apart."""
    tags = [a_tag(name, MONDAY + timedelta(weeks=week)) for week, name in enumerate(names)]
    return best_fits({name: [replace(a_repository(), scheme=SCHEMES[name](""))] for name in SCHEMES}, tags)


def test_the_scheme_that_leaves_the_fewest_tags_fits_best() -> None:
    (name, fit), (_, second), *_ = fits("v7r2-pre3", "v7r2p1", "v7.2.1", "grep", "v7r2p2")
    assert (name, fit.unclassified, fit.tags) == ("dirac", ("grep",), 5)
    assert [release.tags for release in fit.twins] == [("v7.2.1", "v7r2p1")]
    assert len(fit.releases) == 3
    assert len(second.unclassified) > 1


def test_among_equals_the_stricter_wins() -> None:
    assert [name for name, _ in fits("1.0.0", "1.0.1")] == ["semver", "pep440", "dirac", "numbered"]
    assert fits("1.0.0", "1.0.1rc1")[0][0] == "pep440"


def test_versions_that_disagree_with_dates_speak_against_a_scheme() -> None:
    [semver] = [fit for name, fit in fits("v0.1.0-a9", "v0.1.0-a10", "v0.1.0-a11") if name == "semver"]
    assert [(lower.version, higher.version) for lower, higher in semver.misordered] == [("v0.1.0-a11", "v0.1.0-a9")]
    assert semver.is_doubtful


def test_the_newest_tags_count_more_than_as_many_old_ones() -> None:
    old, new = [f"v1r{number}" for number in range(30)], [f"2.0.{number}" for number in range(22)]
    assert fits(*(name for name in [*old, *new] if name[0] in "v2"))[0][0] == "dirac"
    assert fits(*(f"build_{number}" for number in range(30)), *new)[0][0] == "semver"


def test_where_nothing_fits_a_pattern_is_begun() -> None:
    names = [f"OpenSSL_1_1_{number}x" for number in range(12)]
    (_, fit), *_ = fits(*names)
    assert fit.is_doubtful
    scheme = RegexScheme(Pattern(pattern_skeleton(fit.unclassified)))
    assert scheme.read("OpenSSL_1_1_7x") == scheme.read("OpenSSL_1_1_07x") is not None
    assert pattern_skeleton([]) == pattern_skeleton(["next"]) == "(?P<major>[0-9]+)"


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
def test_any_names_begin_a_pattern_that_can_be_used(names: list[str]) -> None:
    RegexScheme(Pattern(pattern_skeleton(names)))
    assert "" in likely_prefixes(names)


def test_what_patterns_leave_out_is_counted_and_not_unclassified() -> None:
    fit = fit_of(a_repository(exclude="grep"), [a_tag("grep", MONDAY), a_tag("v7r2", MONDAY)])
    assert (fit.left_out, fit.unclassified, len(fit.releases)) == (1, (), 1)


def test_a_repository_of_few_patches_counts_its_final_releases() -> None:
    assert fits("v1r0", "v2r0", "v3r0p1")[0][1].counts is Counts.FINAL
    assert fits("v1r0", "v1r0p1", "v1r0p2")[0][1].counts is Counts.PATCH
    assert fits()[0][1].counts is Counts.PATCH


@given(st.lists(NAMES, unique=True, max_size=20))
def test_every_tag_is_read_or_named(names: list[str]) -> None:
    ordered = fits(*names)
    assert {name for name, _ in ordered} == SCHEMES.keys()
    if any(fit.releases for _, fit in ordered):
        assert [fit.cost for _, fit in ordered] == sorted(fit.cost for _, fit in ordered)
    for _, fit in ordered:
        read = [tag for release in fit.releases for tag in release.tags]
        assert sorted([*read, *fit.unclassified]) == sorted(names)
