"""Where a forge may send the bot: to its own address only, and not for long."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import LoopbackServer, Request, Response
from bot.forges.gitlab.forge import GitLabForge
from bot.services.ports import ForgeUnavailable, PollRequest
from tests.forges.conftest import NOW, TOKEN, Side, after, small_repository

TOOL = PollRequest("team/tool")
OLD = PollRequest("team/old")


@pytest.fixture
def elsewhere() -> Iterator[LoopbackServer]:
    with RecordedGitHub([small_repository()], tokens=[TOKEN], now=lambda: NOW) as server:
        yield server


def redirecting(to: Callable[[Request], str], status: int = 301) -> Callable[[Request], Response]:
    return lambda request: Response(status, {"location": to(request)}, b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_request_and_no_token_goes_to_another_address(side: Side, elsewhere: LoopbackServer, status: int) -> None:
    side.server.interceptor = redirecting(lambda request: f"{elsewhere.url}{request.path}/x", status)
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert elsewhere.requests == []
    assert elsewhere.url not in str(answer.error)


def test_a_redirection_to_another_address_is_named_as_such(gitlab: Side, elsewhere: LoopbackServer) -> None:
    gitlab.server.interceptor = redirecting(lambda _: elsewhere.url)
    [answer] = gitlab.ask(TOOL)
    assert "redirected to another address; check base_url" in str(answer.error)


def test_a_chain_of_redirections_ends_after_five_requests(side: Side) -> None:
    side.server.interceptor = redirecting(lambda request: f"{side.server.url}{request.path}x")
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert "too many redirects" in str(answer.error)
    assert answer.requests == len(side.server.requests) == 5


def moved(side: Side) -> Callable[[Request], Response | None]:
    """Redirect the old path of team/tool to the new one; GitHub's GraphQL follows a renaming by itself."""

    def decide(request: Request) -> Response | None:
        if request.path == "/graphql":
            return side.server.answer(replace(request, body=request.body.replace(b'"old"', b'"tool"')))
        if "team/old" in request.path or "team%2Fold" in request.path:
            path = request.path.replace("old", "tool")
            return Response(301, {"location": f"{side.server.url}{path}"}, b"{}")
        return None

    return decide


@pytest.mark.parametrize("token", [TOKEN, None])
def test_a_renamed_repository_is_polled_and_the_renaming_told(side: Side, token: str | None) -> None:
    side.server.interceptor = moved(side)
    [answer] = side.ask(OLD, token=token)
    assert answer.error is None
    assert len(answer.refs or ()) == 5
    assert "update its path" in (answer.renamed or "")
    assert answer.requests == len(side.server.requests)


def test_a_renaming_is_told_also_where_nothing_changed(github: Side) -> None:
    [first] = github.ask(TOOL)
    github.server.interceptor = moved(github)
    held = after(first)
    [again] = github.ask(replace(held, path="team/old"))
    assert (again.refs, again.requests) == (None, 2)
    assert again.renamed == "renamed or moved; update its path"


def test_what_is_tried_again_is_counted(side: Side) -> None:
    answers = iter([Response(503), Response(502)])
    side.server.interceptor = lambda _: next(answers, None)
    [answer] = side.ask(TOOL)
    assert answer.error is None
    assert answer.requests == len(side.server.requests) > 2


def test_a_host_name_with_letters_beyond_ascii_is_its_own_address() -> None:
    forge = GitLabForge("forge", "http://größe.invalid:1", None, timeout=0.2, now=lambda: NOW)
    [answer] = forge.poll([TOOL])
    forge.close()
    assert "another address" not in str(answer.error)
