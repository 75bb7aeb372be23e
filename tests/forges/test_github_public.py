"""GitHub without a token, where single dates cannot be had."""

from dataclasses import replace

import pytest

from bot.recorded.history import RecordedTag
from bot.recorded.server import Request, Response
from bot.services.ports import PollRequest
from tests.forges.conftest import MADE, Side, after, commit_id

ANNOTATED_FIRST = PollRequest("team/tool", rank=lambda name: f"~{name}" if name == "v1r1" else name)


@pytest.mark.parametrize("status", [404, 409, 410, 422])
def test_one_tag_that_cannot_be_shown_holds_up_no_other(github: Side, status: int) -> None:
    def decide(request: Request) -> Response | None:
        return Response.json(status, {"message": "no"}) if "/git/tags/" in request.path else None

    github.server.interceptor = decide
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert set(answer.details) == {"v1r0", "v1.1.0", "rel/v1r2", "größe+1"}
    assert "the dates of 1 tags are still to come" in answer.notice
    github.server.interceptor = None
    again = replace(after(answer), rank=ANNOTATED_FIRST.rank)
    [later] = github.ask(again, token=None)
    assert set(later.details) == {"v1r1"}
    assert later.notice == ""


@pytest.mark.parametrize("tag", [[], {}, {"object": {"type": "commit", "sha": "../x"}}, {"object": {"type": "tag"}}])
def test_a_tag_object_that_names_nothing_is_left_for_later(github: Side, tag: object) -> None:
    github.server.interceptor = lambda r: Response.json(200, tag) if "/git/tags/" in r.path else None
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert set(answer.details) == {"v1r0", "v1.1.0", "rel/v1r2", "größe+1"}


def test_every_date_that_is_missing_is_counted_in_the_notice(github: Side) -> None:
    def decide(request: Request) -> Response | None:
        return None if "matching-refs" in request.path else Response.json(429, {"message": "slow down"})

    github.server.interceptor = decide
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert answer.error is None
    assert answer.notice.startswith("without a token: the dates of 5 tags are still to come")
    assert len(github.server.requests) == 2


def test_a_commit_whose_date_cannot_be_is_still_a_commit(github: Side) -> None:
    def decide(request: Request) -> Response | None:
        body = {"committer": {"date": "0001-01-01T00:00:00Z"}}
        return Response.json(200, body) if "/git/commits/" in request.path else None

    github.server.interceptor = decide
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert answer.details["v1r0"].commit == commit_id(1)
    assert answer.details["v1r0"].committed is None


def test_a_commit_that_cannot_be_shown_now_is_not_taken_for_a_blob(github: Side) -> None:
    github.server.interceptor = lambda r: Response.json(404, {}) if "/git/commits/" in r.path else None
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert answer.details == {}


@pytest.mark.parametrize("kind", ["blob", "tree"])
def test_a_tag_on_no_commit_is_known_from_the_list(github: Side, kind: str) -> None:
    tag = RecordedTag("logo", commit_id(50), MADE, target_type=kind)
    github.repositories["team/tool"].tags = {tag.name: tag}
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert answer.details["logo"].commit is None
    assert (answer.requests, answer.notice) == (1, "")


def test_twins_on_one_commit_are_asked_for_once(github: Side) -> None:
    github.ask(ANNOTATED_FIRST, token=None)
    asked = [request.path for request in github.server.requests]
    assert len(asked) == len(set(asked))
