"""What a tag name means by a project's own pattern."""

from bot.domain.patterns import Pattern
from bot.domain.versions.regex import RegexScheme


def test_a_regex_gives_its_groups_and_zero_for_those_it_has_not() -> None:
    scheme = RegexScheme(Pattern(r"V(?P<major>[0-9]+)_(?P<minor>[0-9]+)(?:_pre(?P<pre>[0-9]+))?"))
    version, coming = scheme.read("V10_2"), scheme.read("V10_2_pre3")
    assert version is not None
    assert coming is not None
    assert (version.normalized, version.series, version.kind.value) == ("10.2.0", "10.2", "minor")
    assert (coming.normalized, coming.kind.value) == ("10.2.0-3", "pre-release")
    assert coming.order < version.order
    assert scheme.read("V10") is None


def test_versions_of_a_single_number_are_one_series() -> None:
    builds = RegexScheme(Pattern(r"r(?P<major>[0-9]+)(?:-rc(?P<pre>[0-9]+))?"))
    several = RegexScheme(Pattern(r"r(?P<major>[0-9]+)(?:[.](?P<minor>[0-9]+))?"))
    read = [(builds, "r123"), (builds, "r124-rc1"), (several, "r123"), (several, "r123.1"), (several, "r20240115")]
    found = [version.series for scheme, name in read if (version := scheme.read(name)) is not None]
    assert found == ["single", "single", "123.0", "123.1", "single"]


def test_a_regex_group_that_is_no_number_reads_as_nothing() -> None:
    assert RegexScheme(Pattern(r"(?P<major>.*)")).read("next") is None


def test_a_regex_reads_a_fourth_number_and_the_word_of_a_pre_release() -> None:
    scheme = RegexScheme(
        Pattern(r"(?P<major>[0-9]+)[.](?P<minor>[0-9]+)(?:-(?P<build>[0-9]+))?(?:(?P<phase>[a-z]+)(?P<pre>[0-9]+))?")
    )
    names = ["1.2rc2", "1.2rc10", "1.2", "1.2-9rc1", "1.2-9", "1.2-10"]
    versions = [version for name in names if (version := scheme.read(name)) is not None]
    assert [each.normalized for each in versions] == [
        "1.2.0-rc2",
        "1.2.0-rc10",
        "1.2.0",
        "1.2.0.9-rc1",
        "1.2.0.9",
        "1.2.0.10",
    ]
    assert sorted(versions, key=lambda each: each.order) == versions
    assert versions[4].kind.value == "patch"


def test_numbers_within_the_pre_of_a_regex_sort_naturally() -> None:
    scheme = RegexScheme(Pattern(r"(?P<major>[0-9]+)-(?P<pre>.+)"))
    names = ["1-a9", "1-a10", "1-b.2", "1-b.10", "1-rc2.9", "1-rc2.10"]
    orders = [version.order for name in names if (version := scheme.read(name)) is not None]
    assert orders == sorted(orders)
