"""Organisations are listed when it is time, and what came with them is read as fits its tags."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.organisations import Listed, Listing, Organisation
from bot.domain.polling.diff import compare
from bot.domain.polling.record import PollDepth, PollMark
from bot.domain.tags import TagDetails
from bot.services.organisations import fit_members, follow, followed
from bot.services.ports import ForgeUnavailable
from bot.store.store import Store
from tests.builders import a_ref, a_repository, paris
from tests.fakes import FakeForge

GRID = Organisation("github", "DIRACGrid")
AT = paris("2021-02-22T13:00")
HOUR = timedelta(hours=1)
TROUBLE = ForgeUnavailable("github:DIRACGrid/*", "GitHub answered 500")


class Followed:
    """An organisation that is listed at moments of the test's choice."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.forge = FakeForge()
        self.forge.lists["DIRACGrid"] = [Listed("DIRACGrid/Pilot")]

    def at(self, minutes: int) -> list[str]:
        now = AT + timedelta(minutes=minutes)
        return [str(error) for error in follow([GRID], {"github": self.forge}, self.store.watchlist, lambda: now, HOUR)]

    def paths(self) -> list[str]:
        return [member.listed.path for member in self.store.watchlist.additions().members.get(GRID.key, ())]


def test_an_organisation_is_listed_at_once_and_then_each_hour(store: Store) -> None:
    grid = Followed(store)
    grid.at(0)
    grid.forge.lists["DIRACGrid"] = [Listed("DIRACGrid/Pilot"), Listed("DIRACGrid/new")]
    grid.at(59)
    assert grid.paths() == ["DIRACGrid/Pilot"]
    grid.at(60)
    assert grid.paths() == ["DIRACGrid/Pilot", "DIRACGrid/new"]


def test_trouble_is_kept_and_tried_again_after_ten_minutes(store: Store) -> None:
    grid = Followed(store)
    grid.at(0)
    grid.forge.lists["DIRACGrid"] = TROUBLE
    assert grid.at(60) == [str(TROUBLE)]
    assert grid.at(69) == []
    assert store.watchlist.listings() == {GRID.key: Listing(AT, AT + HOUR, TROUBLE.reason)}
    assert followed([GRID], {"github:DIRACGrid/Pilot": GRID.key}, store.watchlist)[0].watched == 1
    grid.forge.lists["DIRACGrid"] = []
    assert grid.at(70) == []
    assert store.watchlist.listings()[GRID.key].error is None
    assert grid.paths() == ["DIRACGrid/Pilot"]


def with_tags(store: Store, path: str, *names: str) -> None:
    """Record tags of a repository."""
    repository = a_repository(path)
    record = store.tags.record(repository.key)
    refs = tuple(a_ref(name) for name in names)
    details = {name: TagDetails(None) for name in names}
    found = compare(record.tags, refs, details, at=AT, backfill=True)
    store.polls.write(record, PollMark(AT, None, PollDepth.COMPLETE, ""), found, [])


def fitted(store: Store, path: str, organisation: Organisation = GRID) -> tuple[str, str]:
    store.watchlist.write_listing(GRID.key, [Listed(path)], AT)
    fit_members([organisation], [a_repository(path)], store)
    [member] = store.watchlist.additions().members[GRID.key]
    return (member.rules.tags.scheme, member.rules.tags.counts) if member.rules else ("", "")


def test_a_member_is_read_by_what_fits_its_first_tags(store: Store) -> None:
    with_tags(store, "DIRACGrid/diracx", "v0.1.0a1", "v0.1.0", "v0.2.0", "v0.3.0")
    assert fitted(store, "DIRACGrid/diracx") == ("pep440", "final")


def test_a_member_without_a_tag_that_can_be_read_waits(store: Store) -> None:
    assert fitted(store, "DIRACGrid/Pilot") == ("", "")
    with_tags(store, "DIRACGrid/Pilot", "grep")
    assert fitted(store, "DIRACGrid/Pilot") == ("", "")
    with_tags(store, "DIRACGrid/Pilot", "grep", "v7r0p49")
    assert fitted(store, "DIRACGrid/Pilot") == ("dirac", "patch")


def test_a_scheme_that_is_told_for_all_is_kept(store: Store) -> None:
    with_tags(store, "DIRACGrid/Pilot", "v1.0.0")
    assert fitted(store, "DIRACGrid/Pilot", replace(GRID, scheme="dirac"))[0] == "dirac"


def test_what_was_chosen_once_stays(store: Store) -> None:
    with_tags(store, "DIRACGrid/Pilot", "1.0.0")
    first = fitted(store, "DIRACGrid/Pilot")
    with_tags(store, "DIRACGrid/Pilot", "1.0.0", "v7r0p49", "v7r0p50")
    assert fit_members([GRID], [a_repository("DIRACGrid/Pilot")], store) == {}
    assert fitted(store, "DIRACGrid/Pilot") == first


def test_a_member_whose_tags_fit_badly_is_marked_and_one_with_packages_has_products(store: Store) -> None:
    with_tags(store, "DIRACGrid/odd", "1.0.0", *(f"build{number}x" for number in range(9)))
    with_tags(store, "DIRACGrid/web", *(f"{name}@1.0.{number}" for name in ("ui", "core") for number in range(3)))
    store.watchlist.write_listing(GRID.key, [Listed("DIRACGrid/odd"), Listed("DIRACGrid/web")], AT)
    chosen = fit_members([GRID], [a_repository("DIRACGrid/odd"), a_repository("DIRACGrid/web")], store)
    assert len(chosen["github:DIRACGrid/odd"].unclassified) == 9
    odd, web = store.watchlist.additions().members[GRID.key]
    assert (odd.is_doubtful, web.is_doubtful) == (True, False)
    assert web.rules is not None
    assert [entry["product"] for entry in web.rules.entries()] == ["core", "ui"]
