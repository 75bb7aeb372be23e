"""Twins on different commits: flagged where these lie more than a day apart."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tags import Tag, TagState
from bot.domain.twins import twins_apart
from tests.builders import a_tag, days, paris

NOON = paris("2021-02-01T12:00")


def on(name: str, after: float, commit: str = "", **more: object) -> Tag:
    return a_tag(name, NOON + days(after), commit=(commit or name) * 8, **more)  # type: ignore[arg-type]


def test_twins_on_commits_of_different_days_are_apart() -> None:
    assert twins_apart([on("v1.0", 0), on("1.0", 9)]) == days(9)
    assert twins_apart([on("v1.0", 9), on("1.0", 0), on("r1.0", 4)]) == days(9)


@pytest.mark.parametrize(
    "twins",
    [
        [],
        [on("v1.0", 0)],
        [on("v1.0", 0), on("1.0", 1)],
        [on("v1.0", 0, "a"), on("1.0", 9, "a")],
        [on("v1.0", 0), on("1.0", 9, state=TagState.DELETED)],
        [on("v1.0", 0), on("1.0", 9, dated=False)],
        [on("v1.0", 0), on("1.0", -20_000)],
        [on("v4.0.0", 0), on("v4", 90)],
    ],
)
def test_others_are_not(twins: list[Tag]) -> None:
    assert twins_apart(twins) is None


@given(st.permutations([0.0, 0.5, 3.0, 8.0]))
def test_the_order_of_tags_does_not_matter(afters: list[float]) -> None:
    twins = [on(f"v1_{number}", after) for number, after in enumerate(afters)]
    assert twins_apart(twins) == timedelta(days=8)
