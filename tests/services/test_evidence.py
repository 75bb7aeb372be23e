"""Gathering: asked for seldom, not at all once a series is out, and never in the way of the tags."""

from datetime import date, timedelta

import pytest

from bot.domain.certification.certification import Plan
from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ReportedMilestone
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.services.evidence import EvidenceCollector
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeUnavailable
from bot.store.store import Store
from tests.builders import MONDAY, a_commit, a_ref, a_repository, days
from tests.fakes import FakeForge

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
PLAN = Plan(DIRAC.key, "v7r2", label="certification")
HOUR = timedelta(hours=1)
PULL = PullRequest(7, "[v7r2] hackathon", "fix", MONDAY)
STEP = ReportedMilestone(3, "v7r2 final certification", MONDAY, ((MONDAY, date(2021, 3, 4)),), None, None)


class Showing(FakeForge):
    """A forge with tags of both repositories that shows a milestone and a pull request, or fails to."""

    def __init__(self, *names: str) -> None:
        tags: dict[TagRef, TagDetails | None] = {
            a_ref(name): TagDetails(a_commit(name), committed=MONDAY - days(30)) for name in names
        }
        super().__init__(DIRAC=tags, Pilot={})
        self.wanted: list[EvidenceRequest] = []
        self.error: ForgeUnavailable | None = None

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        self.wanted.append(request)
        if self.error is not None:
            return EvidenceAnswer(request.path, requests=2, error=self.error)
        return EvidenceAnswer(request.path, (STEP,), {}, (PULL,), {"pulls": "e1"}, requests=3)


@pytest.fixture
def forge() -> Showing:
    return Showing("v7r1", "v7r2-pre1")


def gathered(forge: Showing, store: Store, *plans: Plan, after: float = 0.0) -> dict[str, PollOutcome]:
    at = MONDAY + days(after)
    forges = {"github": forge}
    polling = poll([Asked(DIRAC, PollDepth.COMPLETE), Asked(PILOT, PollDepth.COMPLETE)], forges, store, lambda: at)
    outcomes = EvidenceCollector(plans or [PLAN], forges, store, lambda: at, HOUR).after(polling, [DIRAC, PILOT])
    return {outcome.repository: outcome for outcome in outcomes}


def test_what_the_forge_shows_is_kept_and_its_requests_are_counted(forge: Showing, store: Store) -> None:
    outcomes = gathered(forge, store)
    assert outcomes[DIRAC.key].requests == 4
    held = store.certification.evidence(DIRAC.key)
    assert (held.milestones, held.pulls) == ((STEP,), (PULL,))


def test_only_repositories_with_a_certification_are_asked(forge: Showing, store: Store) -> None:
    gathered(forge, store)
    assert [(request.path, request.labels) for request in forge.wanted] == [("DIRACGrid/DIRAC", ("certification",))]


def test_pull_requests_are_wanted_from_before_the_first_pre_release(forge: Showing, store: Store) -> None:
    gathered(forge, store)
    assert forge.wanted[0].since == MONDAY - days(90)


def test_soon_after_nothing_is_asked_and_later_by_validator(forge: Showing, store: Store) -> None:
    for after in (0.0, 0.01, 0.5):
        gathered(forge, store, after=after)
    assert len(forge.wanted) == 2
    assert forge.wanted[1].validators["pulls"] == "e1"


def test_of_a_series_that_is_out_the_traces_are_asked_for_once(store: Store) -> None:
    forge = Showing("v7r2-pre1", "v7r2")
    gathered(forge, store)
    gathered(forge, store, after=1)
    assert len(forge.wanted) == 1


def test_trouble_is_a_note_and_is_tried_again_at_the_next_poll(forge: Showing, store: Store) -> None:
    forge.error = ForgeUnavailable("x", "GitHub answered 502")
    outcome = gathered(forge, store)[DIRAC.key]
    assert (outcome.error, outcome.tags) == (None, 2)
    assert outcome.notice == "cannot read certification evidence: GitHub answered 502"
    forge.error = None
    assert gathered(forge, store, after=0.01)[DIRAC.key].notice == ""
    assert len(forge.wanted) == 2
