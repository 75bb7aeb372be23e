"""What is watched beside the configuration file, on both databases."""

from bot.domain.organisations import Listed, Listing, Member
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord
from bot.domain.watch_rules import ProductRules, TagRules, WatchRules
from bot.domain.watchlist import Additions, WatchChange, WatchKind
from bot.store.store import Store
from tests.builders import paris

GRID = "github:DIRACGrid/*"
AT, LATER = paris("2021-02-22T13:00"), paris("2021-02-22T14:00")
PILOT, FORK = Listed("DIRACGrid/Pilot"), Listed("DIRACGrid/fork", is_fork=True, is_archived=True)

RULES = WatchRules(
    TagRules("pep440", "b-", "final", ("c-", ""), (r"^20", ".")),
    name="B",
    exclude="^old",
    forks=True,
    products=(ProductRules("api", TagRules("semver", "api/")),),
    has_own=False,
)


def test_a_change_comes_back_as_it_was_with_its_number(store: Store) -> None:
    watch = WatchChange(0, AT, "slack:U1", WatchKind.WATCH, "github:a/b", RULES)
    first = store.watchlist.add(watch)
    second = store.watchlist.add(WatchChange(0, LATER, "ann", WatchKind.UNDO, "github:a/b", undoes=first.number))
    assert first.number < second.number
    assert store.watchlist.additions() == Additions((first, second), {})


def test_members_come_with_their_flags_and_go_after_two_lists_without_them(store: Store) -> None:
    store.watchlist.write_listing(GRID, [PILOT, FORK], AT)
    store.watchlist.write_listing("github:other/*", [], AT)
    assert store.watchlist.additions().members == {GRID: (Member(PILOT), Member(FORK))}
    for missed in (1, 2, 3):
        store.watchlist.write_listing(GRID, [FORK], LATER)
        assert store.watchlist.additions().members[GRID][0] == Member(PILOT, missed=missed)
    store.watchlist.write_listing(GRID, [PILOT, FORK], LATER)
    assert store.watchlist.additions().members == {GRID: (Member(PILOT), Member(FORK))}


def test_the_flags_stay_those_of_the_first_list_and_what_fits_is_kept(store: Store) -> None:
    store.watchlist.write_listing(GRID, [PILOT], AT)
    store.watchlist.write_fit(GRID, "DIRACGrid/Pilot", RULES, is_doubtful=True)
    store.watchlist.write_listing(GRID, [Listed("DIRACGrid/Pilot", is_archived=True)], LATER)
    assert store.watchlist.additions().members == {GRID: (Member(PILOT, RULES, is_doubtful=True),)}


def test_a_member_that_is_missing_beside_one_of_another_id_is_not_renamed(store: Store) -> None:
    for path, identity in (("DIRACGrid/Pilot", "1"), ("DIRACGrid/fork", "")):
        record = RepositoryRecord(f"github:{path}")
        store.polls.write(record, PollMark(AT, None, PollDepth.FULL, "r", identity=identity), PollChanges(), None)
    store.watchlist.write_listing(GRID, [PILOT, FORK], AT)
    store.watchlist.write_listing(GRID, [Listed("DIRACGrid/a", identity="2"), Listed("DIRACGrid/b")], LATER)
    assert [(each.listed.path, each.missed) for each in store.watchlist.additions().members[GRID]] == [
        ("DIRACGrid/Pilot", 1),
        ("DIRACGrid/a", 0),
        ("DIRACGrid/b", 0),
        ("DIRACGrid/fork", 1),
    ]


def test_a_list_that_could_not_be_had_changes_no_member_and_says_why(store: Store) -> None:
    store.watchlist.write_listing_failure("github:never/*", AT, "no such organisation")
    store.watchlist.write_listing(GRID, [PILOT], AT)
    store.watchlist.write_listing_failure(GRID, LATER, "GitHub answered 500")
    assert store.watchlist.additions().members == {GRID: (Member(PILOT),)}
    assert store.watchlist.listings() == {
        GRID: Listing(AT, LATER, "GitHub answered 500"),
        "github:never/*": Listing(None, AT, "no such organisation"),
    }
    store.watchlist.write_listing(GRID, [PILOT], LATER)
    assert store.watchlist.listings()[GRID] == Listing(LATER, LATER)
