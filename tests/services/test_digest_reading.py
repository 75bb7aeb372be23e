"""Digests that read by indexes what they need, compared with digests of everything that is held."""

import random
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.digests.compose import compose_digest
from bot.domain.digests.continuity import previous_of
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import audience_of
from bot.domain.periods.period import AsOf, Period
from bot.domain.versions.pep440 import Pep440Scheme
from bot.render.digest_text import digest_text
from bot.render.json_form import digest_json
from bot.services.digest_details import with_details
from bot.services.digests import DigestOrder, make_digest, slot_of
from bot.store.store import Store
from tests.builders import PARIS, a_commit, paris
from tests.databases import database_url, postgresql
from tests.digest_worlds import World
from tests.examples import part_of
from tests.memory import store_in_memory
from tests.services.test_news import BEFORE, FIRST, SECOND, THIRD, WEEKLY, Lab, R
from tests.whole import completed, every_mention, observe_whole

__all__ = ["database_url", "postgresql"]


def make_whole(order: DigestOrder, store: Store, period: Period, as_of: AsOf, made_at: datetime) -> Digest:
    """Make a digest of all releases, tags and events of its repositories, and of all that was told before."""
    slot = slot_of(order, as_of)
    made = store.digests.past(order.name, order.channel, untold=True)
    previous = previous_of([each for each in made if not each.is_of(period, slot)], period.end, slot)
    seen = {} if previous is None else store.digests.seen_by(previous.id)
    observed = observe_whole(order.repositories, store, order.plans, seen=seen)
    digest = compose_digest(
        audience_of(order.name, period, slot, made, every_mention(store, order.name, order.channel)),
        period,
        as_of,
        [completed(each, period, as_of) for each in observed],
        made_at=made_at,
        reminding=order.reminding,
    )
    # What is told beside the numbers has tests of its own.
    return with_details(replace(digest, ledger=replace(digest.ledger, slot=slot)), order.repositories, store)


def live_and_compare(store: Store, seed: int, steps: int) -> None:
    world = World(store, random.Random(seed))
    for _ in world.live(steps):
        for order, as_of, made_at in world.looks():
            made = make_digest(order, store, as_of, made_at)
            assert made == make_whole(order, store, made.period, as_of, made_at)


@pytest.mark.long
@settings(max_examples=part_of(4))
@given(st.integers(0, 2**32))
def test_a_digest_tells_what_one_of_everything_that_is_held_tells(seed: int) -> None:
    with store_in_memory() as store:
        live_and_compare(store, seed, 8)


@pytest.mark.long
@pytest.mark.parametrize(
    ("seed", "steps"), [(0, 4), *(pytest.param(seed, 8, marks=pytest.mark.exhaustive) for seed in (0, 1, 2, 3))]
)
def test_it_does_so_on_both_databases(database_url: str, seed: int, steps: int) -> None:
    with Store.open(database_url) as store:
        live_and_compare(store, seed, steps)


def test_a_deleted_twin_is_told_with_the_release_that_it_stood_for_however_old(store: Store) -> None:
    early = paris("2024-11-01T10:00")
    lab = Lab(store, dates={"v0.9.0": early, "0.9.0": early, "v1.0.0": early})
    lab.poll(BEFORE)
    lab.make(FIRST)
    del lab.dates["0.9.0"]
    lab.poll(paris("2026-01-14T11:00"))
    [event] = lab.make(SECOND).deleted
    assert (event.event.before.name, event.version) == ("0.9.0", "v0.9.0")


def test_a_floating_twin_that_moves_onto_an_old_release_is_not_told(store: Store) -> None:
    early = paris("2024-11-01T10:00")
    lab = Lab(store, dates=dict.fromkeys(("v1.0.0", "v1", "v1.1.0"), early), rule=replace(R, scheme=Pep440Scheme()))
    lab.commits["v1"] = a_commit("v1.0.0")
    lab.poll(BEFORE)
    lab.make(FIRST)
    lab.commits["v1"] = a_commit("v1.1.0")
    lab.poll(paris("2026-01-14T11:00"))
    assert lab.make(SECOND).moved == ()
    # Where no release stands, it is.
    lab.commits["v1"] = a_commit("elsewhere")
    lab.poll(paris("2026-01-21T11:00"))
    assert [each.event.before.name for each in lab.make(THIRD).moved] == ["v1"]


def test_a_release_that_may_have_come_out_beyond_an_edge_of_the_period_is_named(store: Store) -> None:
    lab = Lab(store, dates={"v1.0.0": paris("2025-11-01T10:00")})
    lab.poll(BEFORE)
    lab.dates |= {"v1.0.1": paris("2026-01-10T10:00"), "v1.1.0": paris("2026-01-14T10:00")}
    lab.poll(paris("2026-01-15T11:00"))
    first = make_digest(replace(WEEKLY, repositories=[lab.rule]), store, AsOf.at(FIRST, PARIS), SECOND)
    second = make_digest(replace(WEEKLY, repositories=[lab.rule]), store, AsOf.at(SECOND, PARIS), SECOND)
    assert [[each.version for each in made.at_edges] for made in (first, second)] == [["v1.0.1"], ["v1.0.1"]]
    assert [each["version"] for each in digest_json(second)["at_edges"]] == ["v1.0.1"]
    line = (
        "1 release may belong to the other side of a period's edge: lab/R v1.0.1 (commit 10 Jan, tag first seen 15 Jan)"
    )
    assert " ".join(digest_text(second).split()).count(line) == 1
    third = make_digest(replace(WEEKLY, repositories=[lab.rule]), store, AsOf.at(THIRD, PARIS), THIRD)
    assert (third.at_edges, "edge" in digest_text(third)) == ((), False)


def test_the_json_of_a_digest_s_releases_says_whose_twins_are_days_apart(store: Store) -> None:
    lab = Lab(store, dates={"v1.0.0": paris("2025-11-01T10:00")})
    lab.poll(BEFORE)
    lab.dates |= {"v1.0.1": paris("2026-01-08T10:00"), "1.0.1": paris("2026-01-10T11:00")}
    lab.poll(paris("2026-01-10T12:00"))
    [part] = digest_json(lab.make(FIRST))["repositories"]
    assert {each["version"]: each["twins_apart"] for each in part["releases"]} == {"v1.0.1": True}
    assert {each["twins_apart"] for each in part["latest"]} == {True}


def test_a_release_dated_anew_after_the_first_digest_s_period_is_left_to_a_later_one(store: Store) -> None:
    lab = Lab(store, dates={"v1.0.0": paris("2025-11-01T10:00")})
    lab.poll(paris("2025-11-02T10:00"))
    lab.dates["v1.0.1"] = paris("2025-12-01T10:00")
    lab.poll(paris("2025-12-02T10:00"))
    lab.published["v1.0.1"] = paris("2026-01-13T10:00")
    lab.poll(paris("2026-01-14T10:00"))
    first = make_digest(replace(WEEKLY, repositories=[lab.rule]), store, AsOf.at(FIRST, PARIS), FIRST)
    assert [release.version for release in first.ledger.ahead] == ["v1.0.1"]
