"""What is believed of a forge's lists."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.polling.diff import PollChanges, compare
from bot.domain.polling.verification import TagListing, contradicted, lacks_most, reconcile, suspicion_expired
from bot.domain.tags import Tag, TagDetails, TagRef
from tests.builders import MONDAY, a_commit, a_ref, days

NAMES = ["v7r0p1", "v7r0p2", "v7r1", "grep", "a/b"]
Snapshot = dict[str, str]
snapshots = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2", "3"]), max_size=5)


def listing(snapshot: Snapshot) -> TagListing:
    refs = tuple(a_ref(name, a_commit(target)) for name, target in snapshot.items())
    return TagListing(refs, {ref.name: TagDetails(ref.target, committed=MONDAY) for ref in refs})


def shown(refs: tuple[TagRef, ...]) -> dict[str, str]:
    return {ref.name: ref.target for ref in refs}


def known(snapshot: Snapshot) -> dict[str, TagRef]:
    return {ref.name: ref for ref in listing(snapshot).refs}


def test_a_tag_that_both_lists_lack_has_vanished_and_one_that_one_lacks_has_not() -> None:
    both = reconcile(known({"v7r1": "1"}), (), listing({}), listing({}))
    one = reconcile(known({"v7r1": "1"}), (), listing({}), listing({"v7r1": "1"}))
    assert (shown(both.listing.refs), both.doubtful) == ({}, ())
    assert (shown(one.listing.refs), one.doubtful) == ({"v7r1": a_commit("1")}, ("v7r1",))


def test_a_tag_has_moved_where_both_lists_show_it_at_one_new_place() -> None:
    here = known({"v7r1": "1"})
    moved = reconcile(here, (), listing({"v7r1": "2"}), listing({"v7r1": "2"}))
    torn = reconcile(here, (), listing({"v7r1": "2"}), listing({"v7r1": "3"}))
    assert (shown(moved.listing.refs), moved.doubtful) == ({"v7r1": a_commit("2")}, ())
    assert (shown(torn.listing.refs), torn.doubtful) == ({"v7r1": a_commit("1")}, ("v7r1",))
    assert torn.listing.details == {}


def test_a_tag_that_had_vanished_is_back_where_both_lists_have_it() -> None:
    assert contradicted({}, {"v7r1"}, listing({"v7r1": "1"}).refs) == ["v7r1"]
    assert reconcile({}, {"v7r1"}, listing({"v7r1": "1"}), listing({})).listing.refs == ()
    assert shown(reconcile({}, {"v7r1"}, listing({"v7r1": "1"}), listing({"v7r1": "1"})).listing.refs)


@given(snapshots, snapshots)
def test_two_lists_that_are_the_same_are_believed(before: Snapshot, after: Snapshot) -> None:
    gone = set(NAMES) - before.keys()
    agreed = reconcile(known(before), gone, listing(after), listing(after))
    assert (shown(agreed.listing.refs), agreed.doubtful) == (shown(listing(after).refs), ())
    assert agreed.listing.details == listing(after).details


@given(snapshots, snapshots, snapshots)
def test_nothing_changes_but_what_both_lists_say_and_nothing_new_is_lost(a: Snapshot, b: Snapshot, c: Snapshot) -> None:
    agreed = shown(reconcile(known(a), (), listing(b), listing(c)).listing.refs)
    first, second, held = (shown(listing(each).refs) for each in (b, c, a))
    for name in NAMES:
        if name in held:
            assert agreed.get(name) == (second.get(name) if first.get(name) == second.get(name) else held[name])
        else:
            assert agreed.get(name) == second.get(name, first.get(name))


@given(snapshots, snapshots, st.integers(1, 6))
def test_a_forge_that_answers_from_two_copies_in_turn_makes_no_events(a: Snapshot, b: Snapshot, polls: int) -> None:
    recorded: dict[str, Tag] = {tag.name: tag for tag in compared({}, listing(a)).added}
    events = 0
    for _ in range(polls):
        refs = {name: tag.ref for name, tag in recorded.items() if tag.is_present}
        changes = compared(recorded, reconcile(refs, (), listing(b), listing(a)).listing)
        events += len(changes.events)
        recorded |= {tag.name: tag for tag in (*changes.added, *changes.changed)}
    # A tag that only one copy has is new once; from then on the copies contradict each other, and nothing happens.
    assert events == 0


def compared(recorded: dict[str, Tag], told: TagListing) -> PollChanges:
    return compare(recorded, told.refs, told.details, at=MONDAY, backfill=False)


def test_a_list_lacks_most_where_more_than_half_and_not_only_a_few_are_missing() -> None:
    ten = [str(number) for number in range(10)]
    assert lacks_most(ten, ten[:4])
    assert not lacks_most(ten, ten[:5])
    assert not lacks_most(ten[:4], ten[:1])
    assert not lacks_most(ten[:1], ten[1:2])
    assert not lacks_most([], ten)


@given(st.integers(1, 9))
def test_a_list_without_any_tag_lacks_most_of_however_few(count: int) -> None:
    known = [f"v7r1p{number}" for number in range(count)]
    assert lacks_most(known, [])
    assert not lacks_most([], [])


def test_fewer_than_five_missing_tags_are_somebodys_wish() -> None:
    names = [str(number) for number in range(9)]
    assert lacks_most(names, names[5:])
    assert not lacks_most(names[:7], names[4:])


def test_a_forge_insists_half_an_hour_after_it_was_first_suspected() -> None:
    assert suspicion_expired(MONDAY - timedelta(minutes=30), MONDAY)
    assert not suspicion_expired(MONDAY - timedelta(minutes=29), MONDAY)
    assert not suspicion_expired(None, MONDAY + days(1))
