"""What is proposed for a repository by its tags: packages, prefixes, schemes, numberings."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.proposals import Proposal, propose
from bot.domain.versions.schemes import SCHEMES
from bot.domain.versions.semver import SemverScheme
from bot.domain.watch_rules import ProductRules, TagRules, WatchRules
from tests.builders import MONDAY, a_repository, a_tag

PARTS = st.sampled_from(["", "v", "a/", "a/v", "@a/b@", "b-", "rel_", "rc-", "SUDO_"])
NAMES = st.builds(
    lambda part, rest: part + rest, PARTS, st.from_regex(r"[0-9]{1,2}([._-][0-9]{1,2}){0,3}", fullmatch=True)
)


def proposal(*names: str, path: str = "x/y") -> Proposal:
    """Return what is proposed for tags that were made in this order, a week apart."""
    tags = [a_tag(name, MONDAY + timedelta(weeks=week)) for week, name in enumerate(names)]
    return propose(replace(a_repository(), path=path), tags)


def proposed(*names: str) -> tuple[str, str]:
    rules = proposal(*names).rules.tags
    return rules.scheme, rules.prefix


@pytest.mark.parametrize(
    ("names", "scheme", "prefix"),
    [
        ([f"v01-{number:02}" for number in range(20, 40)], "numbered", ""),
        ([f"7.1.2-{number}" for number in range(20, 40)], "numbered", ""),
        ([f"pgbouncer_1_{number}_0" for number in range(20)], "numbered", "pgbouncer_"),
        ([*(f"v0.1.0-a{number}" for number in range(1, 14)), "v0.1.0"], "pep440", ""),
        ([f"diracx-1.0.{number}" for number in range(12)], "semver", "diracx-"),
        ([f"log4j-2.{number}.0" for number in range(12)], "semver", "log4j-"),
        ([f"@scope/pkg@1.0.{number}" for number in range(12)], "semver", "@scope/pkg@"),
        ([name for number in range(12) for name in (f"v3.5.{number}", f"api/v3.5.{number}")], "semver", ""),
        (["v1.0.dev0", "v1.0", "v1.1.dev0", "v1.1", "v1.2.dev0", "v1.2"], "pep440", ""),
        ([f"2.4.{number}.8" for number in range(12)], "pep440", ""),
    ],
)
def test_the_rules_are_proposed_by_what_the_tags_show(names: list[str], scheme: str, prefix: str) -> None:
    assert proposed(*names) == (scheme, prefix)


def test_a_prefix_that_is_given_is_the_only_one() -> None:
    repository = replace(a_repository(), scheme=SemverScheme("b-"))
    tags = [a_tag(name, MONDAY) for name in ("a-1.0.0", "a-1.0.1", "b-1.0.0")]
    [entry] = propose(repository, tags).entries
    assert {fit.repository.scheme.prefix for _, fit in entry.fits} == {"b-"}


def test_packages_beside_the_project_itself_are_products_with_rules_of_their_own() -> None:
    names = [each for number in range(9) for each in (f"v3.5.{number}", f"api/v3.5.{number}", f"pkg@{number}.0")]
    found = proposal(*names, "grep")
    assert found.rules == WatchRules(
        TagRules("semver", counts="patch"),
        products=(
            ProductRules("api", TagRules("semver", "api/", "patch")),
            ProductRules("pkg", TagRules("pep440", "pkg@", "final")),
        ),
    )
    assert (found.unclassified, found.is_doubtful) == (("grep",), False)


def test_where_every_tag_is_a_packages_the_repository_has_no_entry_of_its_own() -> None:
    found = proposal(*(f"@s/{name}@1.0.{number}" for number in range(9) for name in ("cli", "git")))
    assert [entry["product"] for entry in found.rules.entries()] == ["@s/cli", "@s/git"]


def test_a_project_that_changed_its_numbering_has_one_order() -> None:
    old, new = (
        [f"{year}.1.{number}" for year in (2013, 2014, 2015) for number in range(4)],
        [f"{n}.0.0" for n in range(12, 30)],
    )
    found = proposal(*old, *new)
    assert found.rules.tags.numbering == ("^(?:2013|2014|2015)(?:[^0-9]|$)", ".")
    assert found.first.fit.releases[-1].version == "29.0.0"


def test_majors_that_follow_each_other_are_one_numbering_even_where_old_ones_go_on() -> None:
    names = [f"v{major}.0.{number}" for number in range(4) for major in (1, 2, 3)]
    assert proposal("v1.0.0-rc1", *names, "v1.0.9").rules.tags.numbering == ()


def test_numbers_that_nobody_has_used_for_years_are_an_older_numbering() -> None:
    names = ["V1_0", "V19990109", "V20000512", *(f"R_1_95_{n}" for n in range(50)), *(f"R_2_0_{n}" for n in range(50))]
    found = proposal(*names)
    assert found.rules.tags.numbering == ("^V(?:19990109|20000512)(?:[^0-9]|$)", ".")
    assert found.first.fit.releases[-1].version == "R_2_0_49"


@given(st.lists(NAMES, unique=True, max_size=20))
def test_every_tag_is_read_by_an_entry_or_named(names: list[str]) -> None:
    found = proposal(*names)
    read = {tag for entry in found.entries for release in entry.fit.releases for tag in release.tags}
    assert read.isdisjoint(found.unclassified)
    assert read | set(found.unclassified) == set(names)


def test_schemes_that_are_given_are_the_only_ones() -> None:
    tags = [a_tag(name, MONDAY) for name in ("v1.0.0", "ui@1.0.0", "ui@1.0.1")]
    tried = propose(a_repository(), tags, ["pep440"])
    assert {name for entry in tried.entries for name, _ in entry.fits} == {"pep440"}
    assert {name for name, _ in propose(a_repository(), tags).first.fits} == SCHEMES.keys()
