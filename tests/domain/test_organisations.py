"""Which repositories of an organisation are watched."""

import pytest

from bot.domain.organisations import Listed, Member, Organisation
from bot.domain.patterns import Pattern

GRID = Organisation("github", "DIRACGrid")


def test_an_organisation_is_written_with_a_star() -> None:
    assert GRID.key == "github:DIRACGrid/*"


@pytest.mark.parametrize(
    ("organisation", "listed", "taken"),
    [
        (GRID, Listed("DIRACGrid/Pilot"), True),
        (GRID, Listed("DIRACGrid/Pilot", is_fork=True), False),
        (Organisation("github", "DIRACGrid", forks=True), Listed("DIRACGrid/Pilot", is_fork=True), True),
        (GRID, Listed("DIRACGrid/Pilot", is_archived=True), False),
        (Organisation("github", "DIRACGrid", archived=True), Listed("DIRACGrid/Pilot", is_archived=True), True),
        (Organisation("github", "DIRACGrid", Pattern("^P")), Listed("DIRACGrid/Pilot"), True),
        (Organisation("github", "DIRACGrid", Pattern("^D")), Listed("DIRACGrid/Pilot"), False),
        (Organisation("github", "DIRACGrid", None, Pattern("lot$")), Listed("DIRACGrid/Pilot"), False),
        (Organisation("gitlab", "cern", Pattern("^sub/")), Listed("cern/sub/tool"), True),
    ],
)
def test_forks_archived_ones_and_what_the_patterns_leave_out_are_not_taken(
    organisation: Organisation, listed: Listed, *, taken: bool
) -> None:
    assert organisation.takes(listed) is taken


def test_one_list_without_a_repository_does_not_take_it_away() -> None:
    pilot = Listed("DIRACGrid/Pilot")
    assert [Member(pilot, missed=missed).is_there for missed in (0, 1, 2)] == [True, True, False]
