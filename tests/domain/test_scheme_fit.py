"""Which rules fit a repository's tags."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.repositories import Counts
from bot.domain.scheme_fit import Fit, best_first, fit_of
from bot.domain.versions.base import Scheme
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme
from tests.builders import MONDAY, a_repository, a_tag

SCHEMES: dict[str, Scheme] = {"semver": SemverScheme(), "pep440": Pep440Scheme(), "dirac": DiracScheme()}
NAMES = st.from_regex(r"v?[0-9]{1,2}[r.][0-9]{1,2}(([p.])[0-9]{1,2})?(-pre[0-9]|a[0-9])?|grep", fullmatch=True)


def fits(*names: str) -> list[tuple[str, Fit]]:
    tags = [a_tag(name, MONDAY) for name in names]
    made = {name: fit_of(replace(a_repository(), scheme=scheme), tags) for name, scheme in SCHEMES.items()}
    return best_first(made)


def test_the_scheme_that_leaves_the_fewest_tags_fits_best() -> None:
    (name, fit), (_, second), _ = fits("v7r2p1", "v7.2.1", "v7r2-pre3", "grep", "v1.0.0")
    assert (name, fit.unclassified, fit.tags) == ("dirac", ("grep",), 5)
    assert [release.tags for release in fit.twins] == [("v7.2.1", "v7r2p1")]
    assert len(fit.releases) == 3
    assert len(second.unclassified) > 1


def test_among_equals_the_first_wins() -> None:
    assert [name for name, _ in fits("1.0.0", "1.0.1")] == ["semver", "pep440", "dirac"]
    assert fits("1.0.0", "1.0.1rc1")[0][0] == "pep440"


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
    unread = [len(fit.unclassified) for _, fit in ordered]
    assert unread == sorted(unread)
    for _, fit in ordered:
        read = [tag for release in fit.releases for tag in release.tags]
        assert sorted([*read, *fit.unclassified]) == sorted(names)
