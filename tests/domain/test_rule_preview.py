"""What other rules make of the same tags."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import Pattern
from bot.domain.repositories import Counts
from bot.domain.rule_preview import RuleChange, Rules, rule_change
from bot.domain.tags import DateSource, Tag, TagState
from bot.domain.versions.semver import SemverScheme
from tests.builders import PARIS, UTC_ZONE, a_repository, a_tag

DIRAC = a_repository()
EVENING = datetime(2021, 1, 31, 23, 30, tzinfo=UTC)
TAGS = [
    a_tag("v7r1p28", datetime(2021, 1, 15, 12, 0, tzinfo=UTC)),
    a_tag("v7r1p29", EVENING, tagger=EVENING + timedelta(days=9)),
    a_tag("v7r2-pre1", EVENING),
    a_tag("v7.2.1", EVENING),
    a_tag("v7r2p1", EVENING + timedelta(hours=1)),
    a_tag("grep", EVENING),
    a_tag("v7r0p1", EVENING, state=TagState.DELETED),
]


def changed(**rules: object) -> RuleChange:
    return rule_change(Rules(DIRAC, PARIS), Rules(replace(DIRAC, **rules), PARIS), TAGS)  # type: ignore[arg-type]


def versions(*lists: object) -> list[list[str]]:
    return [[release.version for release in each] for each in lists]  # type: ignore[attr-defined]


def test_the_same_rules_change_nothing() -> None:
    assert changed().is_empty


def test_another_scheme_drops_what_it_cannot_read() -> None:
    found = changed(scheme=SemverScheme())
    assert versions(found.added, found.dropped) == [[], ["v7r1p28", "v7r1p29", "v7r2-pre1"]]
    assert found.unclassified == (1, 5)


def test_a_pattern_drops_what_it_leaves_out_without_leaving_it_unread() -> None:
    found = changed(exclude=Pattern("pre|grep"))
    assert versions(found.added, found.dropped) == [[], ["v7r2-pre1"]]
    assert found.unclassified == (1, 0)


def test_a_tag_that_is_only_left_out_is_a_change_too() -> None:
    found = changed(exclude=Pattern("grep"))
    assert (found.unclassified, found.is_empty) == ((1, 0), False)


def test_another_date_rule_shifts_between_periods() -> None:
    [shift] = changed(date=DateSource.COMMIT).shifted
    assert (shift.new.version, shift.units) == ("v7r1p29", ("day", "week"))


def test_another_zone_shifts_what_is_near_midnight() -> None:
    found = rule_change(Rules(DIRAC, PARIS), Rules(DIRAC, UTC_ZONE), TAGS)
    assert [(shift.new.version, shift.units) for shift in found.shifted] == [
        ("v7r1p29", ("day",)),
        ("v7r2-pre1", ("day", "week", "month")),
        ("v7r2p1", ("day", "week", "month")),
    ]


def test_what_is_counted_changes_with_the_ordinary_kinds() -> None:
    tags = [*TAGS, a_tag("v7r3", EVENING)]
    final = replace(DIRAC, counts=Counts.FINAL)
    found = rule_change(Rules(DIRAC, PARIS), Rules(final, PARIS), tags)
    assert versions(found.counted, found.uncounted) == [["v7r3"], []]
    back = rule_change(Rules(final, PARIS), Rules(DIRAC, PARIS), tags)
    assert versions(back.counted, back.uncounted) == [[], ["v7r3"]]


RULES = st.builds(
    Rules,
    st.builds(
        lambda counts, date, exclude: replace(a_repository(exclude=exclude), counts=counts, date=date),
        st.sampled_from(Counts),
        st.sampled_from([None, *DateSource]),
        st.sampled_from(["", "pre", "^v7r1"]),
    ),
    st.sampled_from([ZoneInfo("Asia/Tokyo"), PARIS, UTC_ZONE]),
)


@given(RULES, RULES, st.lists(st.sampled_from(TAGS), unique_by=lambda tag: tag.name))
def test_the_way_back_is_the_opposite(old: Rules, new: Rules, tags: list[Tag]) -> None:
    there, back = rule_change(old, new, tags), rule_change(new, old, tags)
    assert versions(there.added, there.counted) == versions(back.dropped, back.uncounted)
    assert [shift.units for shift in there.shifted] == [shift.units for shift in back.shifted]
    assert there.unclassified == back.unclassified[::-1]
    assert rule_change(old, old, tags).is_empty
