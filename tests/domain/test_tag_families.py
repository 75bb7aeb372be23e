"""Which tags are one project's, whatever they begin with, and which are of packages beside it."""

from datetime import timedelta

import pytest

from bot.domain.tag_families import MOST_PRODUCTS, families_of, prefix_of
from tests.builders import MONDAY, a_tag


def families(*names: str, of: str = "y") -> list[tuple[str, str, tuple[str, ...], int]]:
    """Return the families of tags made in this order, a week apart: product, prefix, other prefixes, number of tags."""
    tags = [a_tag(name, MONDAY + timedelta(weeks=week)) for week, name in enumerate(names)]
    found, _ = families_of(tags, of)
    return [(each.product, each.prefix, each.other_prefixes, len(each.tags)) for each in found]


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("v1.2.3", ""),
        ("v7r2-pre3", ""),
        ("v01-37", ""),
        ("7.1.2-29", ""),
        ("R_2_8_2", "R_"),
        ("pgbouncer_1_25_1", "pgbouncer_"),
        ("log4j-2.17.0", "log4j-"),
        ("client/v3/v3.5.0", "client/v3/"),
        ("@scope/pkg@1.2.3", "@scope/pkg@"),
        ("pkg@12", "pkg@"),
        ("essex-1", None),
        ("grep", None),
    ],
)
def test_a_prefix_ends_where_the_version_begins(name: str, prefix: str | None) -> None:
    assert prefix_of(name) == prefix


def test_an_older_spelling_of_the_same_project_is_no_package() -> None:
    old, new = [f"SUDO_1_8_{number}" for number in range(10)], [f"v1.9.{number}" for number in range(9)]
    assert families(*old, *new, of="sudo") == [("", "SUDO_", ("",), 19)]
    assert families(*old, *new, of="another") == [("", "SUDO_", ("",), 19)]


def test_words_that_only_say_that_a_version_follows_are_the_projects_own() -> None:
    names = [each for number in range(4) for each in (f"rel/1.{number}", f"log4j-1.{number}-rc1", f"rc-1.{number}")]
    assert families(*names, of="logging-log4j2") == [("", "rel/", ("log4j-",), 8)]


def test_a_prefix_in_use_at_the_same_time_is_a_package() -> None:
    names = [each for number in range(5) for each in (f"v0.{number}.0", f"kubernetes-1.{number}.0")]
    assert [family[0] for family in families(*names, of="client-go")] == ["", "kubernetes"]


def test_one_slip_without_the_prefix_makes_no_package_of_the_rest() -> None:
    assert families("1.0.0", *(f"diracx-1.0.{n}" for n in range(20)), of="charts") == [("", "diracx-", ("",), 21)]


def test_a_single_tag_is_a_package_only_where_it_is_marked_as_one() -> None:
    names = [f"v7.0.{number}" for number in range(5)]
    assert [family[0] for family in families(*names, "eslint-v7.0.0", "@babel/core@7.0.0", "v7.1.0")] == [
        "",
        "@babel/core",
    ]


def test_only_the_largest_packages_are_taken() -> None:
    names = [f"p{number:03}/v1.0.{n}" for number in range(MOST_PRODUCTS + 1) for n in range(1 + (number < 100))]
    tags = [a_tag(name, MONDAY) for name in names]
    found, rest = families_of(tags, "y")
    assert (len(found), [tag.name for tag in rest]) == (MOST_PRODUCTS, [f"p{MOST_PRODUCTS:03}/v1.0.0"])


def test_a_prefix_of_twins_is_a_second_spelling() -> None:
    tags = [
        a_tag(name, MONDAY + timedelta(weeks=number), commit=f"{number:040x}")
        for number in range(9)
        for name in (f"v1.9.{number}", f"SUDO_1_9_{number}")
    ]
    [family], rest = families_of(tags, "another")
    assert ((family.prefix, family.other_prefixes), rest) == (("", ("SUDO_",)), [])


def test_a_package_counted_up_by_one_number_needs_many_tags() -> None:
    names = [each for number in range(1, 12) for each in (f"v1.{number}.0", f"awkward-cpp-{number}")]
    few = [f"essex-{number}" for number in range(1, 5)]
    assert [family[0] for family in families(*few, *names)] == ["", "awkward-cpp"]
