"""GitHub without a token, where single dates cannot be had."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.recorded.history import RecordedRelease, RecordedTag
from bot.demo.recorded.server import Request, Response
from bot.domain.polling.record import PollDepth
from bot.services.ports import ForgeUnavailable, PollRequest, RepositoryNotFound
from tests.forges.conftest import MADE, NOW, TOKEN, Side, after, commit_id

ANNOTATED_FIRST = PollRequest("team/tool", rank=lambda name: f"~{name}" if name == "v1r1" else name)


@pytest.mark.parametrize("status", [404, 409, 410, 422])
def test_one_tag_that_cannot_be_shown_holds_up_no_other(github: Side, status: int) -> None:
    def decide(request: Request) -> Response | None:
        return Response.json(status, {"message": "no"}) if "/git/tags/" in request.path else None

    github.server.interceptor = decide
    [answer] = github.ask(ANNOTATED_FIRST, token=None)
    assert set(answer.details) == {"v1r0", "v1.1.0", "rel/v1r2", "größe+1"}
    assert "dates of 1 tag not fetched yet" in answer.notice
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
    assert answer.notice.startswith("no token: dates of 5 tags not fetched yet")
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


def test_the_id_of_a_repository_comes_with_its_dates_and_is_asked_for_before_news_is_believed(github: Side) -> None:
    [first] = github.ask(PollRequest("team/tool"), token=None)
    assert first.identity.isdecimal()
    [again] = github.ask(after(first), token=None)
    assert (again.requests, again.identity) == (1, "")
    repository = github.repositories["team/tool"]
    repository.identity = "another"
    repository.put(RecordedTag("v2r0", commit_id(7), MADE))
    [other] = github.ask(after(first), token=None)
    assert other.identity not in {"", first.identity}


@pytest.mark.parametrize("token", [TOKEN, None])
def test_the_mark_of_a_pre_release_comes_with_the_release(github: Side, token: str | None) -> None:
    releases = github.repositories["team/tool"].releases
    releases["v1r0"] = RecordedRelease("v1r0", MADE + timedelta(days=2), prerelease=True)
    [answer] = github.ask(PollRequest("team/tool"), token=token)
    assert {name for name, details in answer.details.items() if details.is_flagged} == {"v1r0"}


def test_a_mark_that_is_taken_away_is_seen_by_a_quick_look(github: Side) -> None:
    releases = github.repositories["team/tool"].releases
    releases["v1r0"] = RecordedRelease("v1r0", MADE + timedelta(days=2), prerelease=True)
    [first] = github.ask(PollRequest("team/tool"))
    [quick] = github.ask(after(first, PollDepth.QUICK))
    releases["v1r0"] = RecordedRelease("v1r0", MADE + timedelta(days=2))
    [again] = github.ask(after(first, PollDepth.QUICK, head=quick.head))
    assert not again.details["v1r0"].is_flagged


_PAGE = {"content-type": "text/html"}
_NO_GRAPHQL = {
    "404": Response.json(404, {"message": "Not Found"}),
    "405": Response(405),
    "410": Response(410),
    "501": Response(501, _PAGE, b"<h1>Unsupported method"),
    "400": Response.json(400, {}),
    "403": Response.json(403, {"message": "Forbidden"}),
    "a page of 403": Response(403, _PAGE, b"<h1>Forbidden"),
    "422": Response(422, _PAGE, b""),
    "a page": Response(200, _PAGE, b"<h1>Sign in"),
    "nothing": Response(204),
    "JSON of another kind": Response.json(200, {"message": "Not Found"}),
    "a list": Response.json(200, [1]),
    "302": Response(302, {"location": "/login"}),
    "301 to another scheme": Response(301, {"location": "https://127.0.0.1/login"}),
    "301 in a circle": Response(301, {"location": "/graphql"}),
}


@pytest.mark.parametrize("refusal", _NO_GRAPHQL.values(), ids=_NO_GRAPHQL)
@pytest.mark.parametrize("look", list(PollDepth))
def test_a_github_without_graphql_is_asked_by_rest_and_the_address_is_named(
    github: Side, refusal: Response, look: PollDepth
) -> None:
    github.server.interceptor = lambda request: refusal if request.path == "/graphql" else None
    forge = github.forge()
    asked = [PollRequest("team/tool", look), PollRequest("team/nowhere", look), PollRequest("team/none", look)]
    answers = {answer.path: answer for answer in forge.poll(asked)}
    tool = answers["team/tool"]
    assert (tool.error, len(tool.refs or ()), len(tool.details)) == (None, 5, 5)
    assert tool.details["v1r1"].tagger == MADE + timedelta(hours=1)
    assert answers["team/none"].refs == ()
    assert isinstance(answers["team/nowhere"].error, RepositoryNotFound)
    notices = [answer.notice for answer in answers.values() if answer.notice]
    assert [notice.partition(" (")[0] for notice in notices] == [
        f"GitHub has no GraphQL API at {github.server.url}/graphql"
    ]
    assert notices[0].endswith("): polled by REST")
    # It is not looked for again at every poll.
    github.server.requests.clear()
    [again] = forge.poll([after(tool, look)])
    forge.close()
    assert (again.error, again.notice) == (None, "")
    assert {request.path for request in github.server.requests if request.path == "/graphql"} == set()


def test_graphql_that_is_not_there_is_asked_for_once_a_question(github: Side) -> None:
    """However many repositories there are: what sends the bot elsewhere has answered, and opens no circuit."""
    for refusal in (_NO_GRAPHQL["501"], _NO_GRAPHQL["301 to another scheme"]):
        github.server.requests.clear()
        github.server.interceptor = lambda request, refusal=refusal: refusal if request.path == "/graphql" else None
        answers = github.ask(*[PollRequest("team/tool", PollDepth.FULL)] * 40)
        assert [answer.error for answer in answers] == [None] * 40
        assert [request.path for request in github.server.requests].count("/graphql") == 40


def test_an_outage_is_not_taken_for_a_github_without_graphql(github: Side) -> None:
    outage = Response(502, _PAGE, b"<h1>Bad gateway")
    broken = Response(200, {"content-type": "application/json; charset=utf-8"}, b'{"data": {"repo')
    for trouble in (outage, broken):
        github.server.interceptor = lambda request, trouble=trouble: trouble if request.path == "/graphql" else None
        [answer] = github.ask(PollRequest("team/tool"))
        assert isinstance(answer.error, ForgeUnavailable)


@pytest.mark.parametrize("token", [TOKEN, None])
def test_where_no_such_repository_is_known_the_address_is_named(github: Side, token: str | None) -> None:
    [answer] = github.ask(PollRequest("team/nowhere"), token=token)
    assert answer.error is not None
    asked = f"requested: {github.server.url}/repos/team/nowhere/git/matching-refs/tags/"
    assert answer.error.what == "repository not found on GitHub"
    assert f"({asked}; the API of a GitHub Enterprise is at /api/v3: check base_url)" in answer.error.hint


def test_where_the_address_is_that_of_an_enterprise_it_is_not_doubted(github: Side) -> None:
    forge = github.make("forge", f"{github.server.url}/api/v3/", TOKEN, now=lambda: NOW)
    [answer] = forge.poll([PollRequest("team/nowhere")])
    forge.close()
    assert answer.error is not None
    assert answer.error.hint.endswith(
        f"(requested: {github.server.url}/api/v3/repos/team/nowhere/git/matching-refs/tags/)"
    )


def test_where_dates_are_missing_without_graphql_the_address_is_named(github: Side) -> None:
    def decide(request: Request) -> Response | None:
        gone = request.path == "/graphql" or "/git/tags/" in request.path
        return Response.json(404, {"message": "Not Found"}) if gone else None

    github.server.interceptor = decide
    [answer] = github.ask(PollRequest("team/tool"))
    why = f"GitHub has no GraphQL API at {github.server.url}/graphql (HTTP 404)"
    assert answer.notice == f"{why}: dates of 1 tag not fetched yet, newest versions first"
    assert answer.undated_because == f"{why}: dates are fetched one by one"
