"""What GitLab alone does: pages, tokens, and lists that change while they are read."""

import json

from bot.recorded.server import Request, Response
from bot.services.ports import ForgeUnavailable, PollRequest, RateLimited
from tests.forges.conftest import Side, after

CTADIRAC = PollRequest("cta-computing/dpps/workload/CTADIRAC")
TOOL = PollRequest("team/tool")
JSON = {"content-type": "application/json"}


def entry(name: str) -> dict[str, object]:
    commit = {"id": "1" * 40, "committed_date": "2021-02-15T20:19:54.000+01:00"}
    return {"name": name, "target": "1" * 40, "commit": commit, "release": None, "created_at": None}


def test_every_page_is_read(gitlab: Side) -> None:
    [answer] = gitlab.ask(CTADIRAC)
    assert (len(answer.refs or ()), len(answer.details), answer.requests) == (323, 323, 4)
    assert {"CTA-TEST", "CTA-Test"} <= {ref.name for ref in answer.refs or ()}


def test_a_public_project_needs_no_token(gitlab: Side) -> None:
    [answer] = gitlab.ask(TOOL, token=None)
    assert answer.error is None


def test_releases_are_read_only_where_a_new_tag_has_one(gitlab: Side) -> None:
    [first] = gitlab.ask(TOOL)
    gitlab.server.requests.clear()
    [again] = gitlab.ask(after(first))
    assert [request.path.rpartition("/")[2] for request in gitlab.server.requests] == ["tags"]
    assert "v1.1.0" not in again.details
    [full] = gitlab.ask(after(first, full=True))
    assert full.details["v1.1.0"].published is not None


def test_a_link_to_another_host_is_followed_here(gitlab: Side) -> None:
    def second_page(request: Request) -> Response:
        if "page_token" in request.query:
            return Response(200, JSON, json.dumps([entry("v2")]).encode())
        elsewhere = '<http://evil.example/api/v4/x?page_token=v1&pagination=keyset>; rel="next"'
        return Response(200, {**JSON, "link": elsewhere}, json.dumps([entry("v1")]).encode())

    gitlab.server.interceptor = second_page
    [answer] = gitlab.ask(TOOL)
    assert [ref.name for ref in answer.refs or ()] == ["v1", "v2"]


def test_a_list_that_changes_while_it_is_read_is_read_again_and_then_refused(gitlab: Side) -> None:
    twice = json.dumps([entry("v1"), entry("v1")]).encode()
    gitlab.server.interceptor = lambda _: Response(200, JSON, twice)
    [answer] = gitlab.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert "changed while it was read" in str(answer.error)
    assert answer.requests == 2


def test_a_list_shorter_than_its_total_is_not_believed(gitlab: Side) -> None:
    short = Response(200, {**JSON, "x-total": "3"}, json.dumps([entry("v1")]).encode())
    whole = Response(200, {**JSON, "x-total": "1"}, json.dumps([entry("v1")]).encode())
    answers = iter([short, whole])
    gitlab.server.interceptor = lambda _: next(answers)
    [answer] = gitlab.ask(TOOL)
    assert [ref.name for ref in answer.refs or ()] == ["v1"]


def test_a_wait_told_as_a_date_is_understood(gitlab: Side) -> None:
    headers = {**JSON, "retry-after": "Mon, 23 Nov 2026 10:30:00 GMT"}
    gitlab.server.interceptor = lambda _: Response(429, headers, b"{}")
    [answer] = gitlab.ask(TOOL)
    assert isinstance(answer.error, RateLimited)
    assert answer.error.retry_at is not None
    assert answer.error.retry_at.isoformat() == "2026-11-23T10:30:00+00:00"


def test_a_page_that_breaks_in_the_middle_of_the_list_is_never_its_end(gitlab: Side) -> None:
    def broken(request: Request) -> Response | None:
        return Response(200, JSON, b"") if "page_token" in request.query else None

    gitlab.server.interceptor = broken
    [answer] = gitlab.ask(CTADIRAC)
    assert isinstance(answer.error, ForgeUnavailable)
    assert answer.refs is None
