"""Answers that no forge should give: each is one repository's error, and harms no other repository."""

import json
from time import monotonic

import pytest

from bot.demo.recorded.server import Request, Response
from bot.forges.unreachable import why_unreachable
from bot.services.ports import ForgeError, ForgeUnavailable, PollRequest
from tests.forges.conftest import NOW, Side, commit_id, slow_server

TOOL = PollRequest("team/tool")
NONE = PollRequest("team/none")
JSON = {"content-type": "application/json"}
LONG = "9" * 5000


def ref(name: str, oid: str = commit_id(1)) -> dict[str, object]:
    return {"ref": name, "object": {"sha": oid, "type": "commit"}}


@pytest.mark.parametrize("status", [200, 301, 403, 429])
@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": LONG},
        {"retry-after": "Mon, 99 Nov 2026 10:30:00 GMT"},
        {"retry-after": "Mon, 23 Nov 0001 10:30:00 +2300"},
        {"x-ratelimit-remaining": LONG, "x-ratelimit-limit": LONG},
        {"x-ratelimit-remaining": "inf", "x-ratelimit-limit": "inf"},
        {"x-ratelimit-reset": LONG, "ratelimit-reset": LONG},
        {"x-ratelimit-reset": "inf", "ratelimit-reset": "inf"},
        {"x-ratelimit-reset": "٣", "ratelimit-reset": "-1"},
        {"x-total": LONG},
        {"location": "http://["},
    ],
    ids=range(10),
)
def test_no_header_breaks_off_the_poll(side: Side, status: int, headers: dict[str, str]) -> None:
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}

    def decide(request: Request) -> Response | None:
        return Response(status, {**JSON, **encoded}, b"{}") if "tool" in request.path else None

    side.server.interceptor = decide
    answers = side.ask(TOOL, NONE)
    assert [answer.path for answer in answers] == ["team/tool", "team/none"]
    assert isinstance(answers[0].error, ForgeError)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b"9" * 6000,
        b"null",
        b"\xff\xfe\x00",
        json.dumps([ref("refs/tags/")]).encode(),
        json.dumps([ref("refs/heads/v1")]).encode(),
        json.dumps([ref("refs/tags/v1", "../../x")]).encode(),
        json.dumps([ref("refs/tags/v1"), ref("refs/tags/v1", commit_id(2))]).encode(),
        json.dumps([{"name": "v1", "target": commit_id(1), "commit": {"id": "../x"}}]).encode(),
    ],
    ids=range(9),
)
def test_no_body_breaks_off_the_poll_or_is_taken_for_a_list(side: Side, body: bytes) -> None:
    side.server.interceptor = lambda request: Response(200, JSON, body) if "tool" in request.path else None
    broken, fine = side.ask(TOOL, NONE)
    assert isinstance(broken.error, ForgeUnavailable)
    assert (fine.refs, fine.error) == ((), None)


def test_an_answer_of_nothing_changed_that_was_not_asked_for_is_refused(side: Side) -> None:
    side.server.interceptor = lambda _: Response(304)
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)


def test_an_answer_that_drips_in_is_left_though_it_never_pauses_for_long(side: Side) -> None:
    begun = monotonic()
    with slow_server(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b" ") as url:
        forge = side.make("forge", url, None, timeout=0.15, now=lambda: NOW)
        [answer] = forge.poll([TOOL])
        forge.close()
    assert isinstance(answer.error, ForgeUnavailable)
    assert ": timed out" in str(answer.error)
    assert 0.5 < monotonic() - begun < 3


def endless() -> Response:
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}
    found = {"nameWithOwner": "team/tool", "refs": page, "releases": page}
    return Response.json(200, {"data": {"repository": found}})


def test_pages_of_a_query_that_lead_nowhere_are_left(github: Side) -> None:
    github.server.interceptor = lambda request: endless() if request.path == "/graphql" else None
    [answer] = github.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert answer.requests == 3


def test_pages_of_a_list_that_lead_to_themselves_are_left(gitlab: Side) -> None:
    following = {**JSON, "link": '<http://127.0.0.1/x?page_token=a>; rel="next"'}
    gitlab.server.interceptor = lambda _: Response(200, following, b"[]")
    [answer] = gitlab.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert answer.requests == 2


def test_an_id_that_is_none_is_not_taken_for_a_commit(github: Side) -> None:
    def decide(request: Request) -> Response | None:
        if request.path != "/graphql":
            return None
        commit = {"__typename": "Commit", "oid": "nonsense", "committedDate": "2021-02-15T19:19:54Z"}
        tag = {"__typename": "Tag", "oid": commit_id(102), "tagger": None, "target": commit}
        found = {"refs": {"nodes": [{"name": "v1r1", "target": tag}], "pageInfo": {}}, "o0": tag, "o1": commit}
        return Response.json(200, {"data": {"repository": found}})

    github.server.interceptor = decide
    [answer] = github.ask(TOOL)
    assert answer.error is None
    assert answer.details == {}


def test_an_annotated_tag_without_a_commit_keeps_its_date(gitlab: Side) -> None:
    blob = {"name": "logo", "target": commit_id(5), "commit": None, "created_at": "2021-02-15T20:19:54.000+01:00"}
    gitlab.server.interceptor = lambda _: Response.json(200, [blob])
    [answer] = gitlab.ask(TOOL)
    assert [ref.annotated for ref in answer.refs or ()] == [True]
    assert answer.details["logo"].commit is None
    assert answer.details["logo"].tagger is not None


def test_the_words_of_an_address_do_not_decide_what_went_wrong() -> None:
    error = ConnectionResetError("/repos/openssl/openssl timed out refused certificate")
    assert why_unreachable(error, "forge.example") == "connection closed"
