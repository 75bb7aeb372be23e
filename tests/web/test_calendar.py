"""Milestones as a calendar, read back by a program of its own."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from bot.domain.certification.certification import Plan, certification_of
from bot.domain.certification.milestones import ChangeKind, Milestone, MilestoneChange
from bot.domain.certification.revisions import revisions
from bot.domain.releases import Release
from bot.web.calendar import CalendarSource, calendar_bytes
from tests.builders import a_repository, as_of, paris, releases
from tests.web.hostile import HOSTILE

DIRAC = a_repository()
HACKATHON = Milestone("hackathon", "Hackathon 1", date(2021, 2, 18), date(2021, 2, 18), "quite conclusive")
FINAL = Milestone("final-certification", "Final certification", date(2021, 3, 4))
PLAN = Plan(DIRAC.key, "v7r2", (), (HACKATHON, FINAL, Milestone("release", "Release")))


def events(plan: Plan, day: str = "2021-02-22", *, out: list[Release] | None = None) -> list[Any]:
    moment = as_of(f"{day}T14:00")
    certification = certification_of(plan, out or [], moment)
    revised = {(plan.repository, plan.series): revisions(plan, moment.end)}
    source = CalendarSource("Milestones", [certification], revised, lambda _: "https://bot.example/certification/v7r2")
    return list(Calendar.from_ical(calendar_bytes(source)).walk("VEVENT"))


def changed(kind: ChangeKind, day: date | None = None) -> Plan:
    made = MilestoneChange(1, datetime(2021, 2, 20, 9, tzinfo=UTC), "ann", kind, "Final certification", day=day)
    return replace(PLAN, changes=(made,))


def test_each_dated_milestone_is_a_whole_day() -> None:
    first, second = events(PLAN)
    assert (first["SUMMARY"], first["DTSTART"].dt) == ("v7r2: Hackathon 1", date(2021, 2, 18))
    assert first["DESCRIPTION"] == "done\nquite conclusive"
    assert (second["SUMMARY"], second["DTSTART"].dt) == ("v7r2: Final certification", date(2021, 3, 4))
    assert second["UID"] == "a9572d94-c777-5358-b233-469905c8a54e"
    assert {each["STATUS"] for each in (first, second)} == {"CONFIRMED"}
    assert {each["SEQUENCE"] for each in (first, second)} == {0}


def test_a_moved_milestone_is_the_same_event_of_a_later_revision() -> None:
    before, after = events(PLAN)[-1], events(changed(ChangeKind.MOVE, date(2021, 3, 16)))[-1]
    assert before["UID"] == after["UID"]
    assert (after["SEQUENCE"], after["DTSTART"].dt) == (1, date(2021, 3, 16))
    assert after["DTSTAMP"].dt == datetime(2021, 2, 20, 9, tzinfo=UTC)
    assert "2021-03-04" in after["DESCRIPTION"]


def test_a_dropped_milestone_is_cancelled() -> None:
    [_, final] = events(changed(ChangeKind.DROP))
    assert (final["STATUS"], final["DTSTART"].dt) == ("CANCELLED", date(2021, 3, 4))


def test_the_final_release_is_an_event_of_its_day() -> None:
    out = releases(DIRAC, {"v7r2": paris("2021-03-17T09:30")}, first_seen=paris("2021-03-17T10:00"))
    release = events(PLAN, "2021-03-20", out=out)[-1]
    assert (release["SUMMARY"], release["DTSTART"].dt) == ("v7r2: Release", date(2021, 3, 17))
    assert release["DTSTAMP"].dt == paris("2021-03-17T10:00")
    assert release["URL"] == out[0].url


def test_the_same_state_is_the_same_calendar() -> None:
    assert events(PLAN) == events(PLAN, "2021-02-23")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_escapes(text: str) -> None:
    milestone = Milestone(text, text, date(2021, 3, 1), note=text, url=text)
    [event] = events(Plan(DIRAC.key, text, (), (milestone,)))
    assert event["DTSTART"].dt == date(2021, 3, 1)
    assert event["URL"] == "https://bot.example/certification/v7r2"
    assert UUID(str(event["UID"])).version == 5
    assert event["SUMMARY"].isprintable()
    assert len(event["SUMMARY"]) <= 300
