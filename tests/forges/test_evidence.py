"""What forges show of certification: milestones, labelled issues, pull requests; on both forges."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.demo.recorded.history import RecordedMilestone, RecordedPull, RecordedRepository
from bot.demo.recorded.server import Request, Response
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeUnavailable, RateLimited, RepositoryNotFound
from tests.forges.conftest import NOW, Side

BEGUN = datetime(2021, 1, 1, 10, 0, tzinfo=UTC)
TOOL = EvidenceRequest("team/tool", since=BEGUN, labels=("certification",))
JSON = {"content-type": "application/json"}


def filled(side: Side, milestones: int = 2, pulls: int = 3) -> RecordedRepository:
    repository = side.repositories["team/tool"]
    day = timedelta(days=1)
    repository.milestones = [
        RecordedMilestone(n, f"v7r2 hackathon {n}", BEGUN, date(2021, 2, 4), BEGUN + 35 * day if n == 1 else None)
        for n in range(1, milestones + 1)
    ]
    repository.issues = [
        RecordedMilestone(11, "Final certification", BEGUN, date(2021, 3, 4), None, ("certification",)),
        RecordedMilestone(12, "Something else", BEGUN, None, None, ("bug",)),
    ]
    repository.pulls = [
        RecordedPull(100 + n, f"[v7r2] hackathon fix {n}", f"v7r2_HACK_{n}", BEGUN + n * day) for n in range(pulls)
    ]
    return repository


def asked(side: Side, request: EvidenceRequest = TOOL) -> EvidenceAnswer:
    forge = side.forge()
    try:
        return forge.evidence(request)
    finally:
        forge.close()


def test_milestones_issues_and_pull_requests_are_told(side: Side) -> None:
    filled(side)
    answer = asked(side)
    assert answer.error is None
    milestones = {each.number: each for each in answer.milestones or ()}
    assert milestones[1].closed == BEGUN + timedelta(days=35)
    assert (milestones[2].title, milestones[2].closed) == ("v7r2 hackathon 2", None)
    assert milestones[2].dues == ((NOW, date(2021, 2, 4)),)
    [issue] = answer.issues["certification"]
    assert (issue.title, issue.dues[-1][1]) == ("Final certification", date(2021, 3, 4))
    pulls = {pull.number: (pull.title, pull.branch, pull.created) for pull in answer.pulls or ()}
    assert pulls[101] == ("[v7r2] hackathon fix 1", "v7r2_HACK_1", BEGUN + timedelta(days=1))


def test_every_page_is_read(side: Side) -> None:
    filled(side, milestones=230, pulls=250)
    answer = asked(side)
    assert len(answer.milestones or ()) == 230
    assert len(answer.pulls or ()) == 250


def test_pull_requests_from_before_are_not_asked_for(side: Side) -> None:
    filled(side, pulls=500)
    answer = asked(side, replace(TOOL, since=BEGUN + timedelta(days=450)))
    assert {pull.number for pull in answer.pulls or ()} == set(range(550, 600))
    pages = [request for request in side.server.requests if "pull" in request.path or "merge" in request.path]
    assert len(pages) == 1


def test_a_repository_where_issues_are_switched_off_is_no_error(side: Side) -> None:
    filled(side).has_issues = False
    answer = asked(side)
    assert (answer.error, answer.issues) == (None, {"certification": ()})
    assert len(answer.pulls or ()) == 3


def test_what_is_not_wanted_is_not_asked_for(side: Side) -> None:
    filled(side)
    answer = asked(side, EvidenceRequest("team/tool", since=BEGUN, milestones=False))
    assert (answer.milestones, answer.issues) == ((), {})
    assert not [request for request in side.server.requests if request.path.endswith(("milestones", "issues"))]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (Response(500, JSON, b"{}"), ForgeUnavailable),
        (Response(200, JSON, b'{"message": "x"}'), ForgeUnavailable),
        (Response(200, JSON, b""), ForgeUnavailable),
        (Response(429, {**JSON, "retry-after": "60"}, b"{}"), RateLimited),
        (Response(404, JSON, b"{}"), RepositoryNotFound),
    ],
    ids=["500", "no list", "empty", "429", "404"],
)
def test_trouble_is_an_error_and_nothing_half(side: Side, sent: Response, kind: type[Exception]) -> None:
    filled(side)
    side.server.interceptor = lambda request: sent if "milestones" in request.path else None
    answer = asked(side)
    assert isinstance(answer.error, kind)
    assert (answer.milestones, answer.issues, answer.pulls) == (None, {}, None)


def test_odd_entries_are_passed_over(side: Side) -> None:
    odd = b'[null, 7, {"number": "x", "iid": "x"}, {"number": 1, "iid": 1, "created_at": "soon"}, {"title": []}]'

    def answer(request: Request) -> Response | None:
        names = ("milestones", "issues", "pulls", "merge_requests")
        return Response(200, JSON, odd) if request.path.endswith(names) else None

    side.server.interceptor = answer
    told = asked(side)
    assert (told.error, told.milestones, told.issues, told.pulls) == (None, (), {"certification": ()}, ())


def test_github_is_asked_by_etag_and_says_nothing_where_nothing_changed(github: Side) -> None:
    repository = filled(github)
    first = asked(github)
    github.server.requests.clear()
    again = asked(github, replace(TOOL, validators=first.validators))
    assert (again.milestones, again.issues, again.pulls) == (None, {}, None)
    assert again.requests == len(github.server.requests) == 4
    repository.pulls.append(RecordedPull(999, "[v7r2] hackathon", "x", BEGUN + timedelta(days=99)))
    changed = asked(github, replace(TOOL, validators=first.validators))
    assert changed.milestones is None
    assert 999 in {pull.number for pull in changed.pulls or ()}


def test_a_renamed_repository_is_asked_by_its_present_name(github: Side) -> None:
    filled(github)
    moved = Response(200, JSON, b'{"full_name": "team/tool", "has_issues": true}')
    github.server.interceptor = lambda request: moved if request.path == "/repos/team/old" else None
    answer = asked(github, replace(TOOL, path="team/old"))
    assert answer.error is None
    assert len(answer.milestones or ()) == 2
