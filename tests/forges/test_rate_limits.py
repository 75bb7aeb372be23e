"""What a spent limit does to the other repositories of a poll."""

from datetime import timedelta

import pytest

from bot.demo.recorded.server import Request, Response
from bot.services.ports import PollRequest, RateLimited, TokenRefused
from tests.forges.conftest import NOW, Side

TOOL = PollRequest("team/tool")
NONE = PollRequest("team/none")
JSON = {"content-type": "application/json"}


def test_a_limit_without_a_moment_stops_the_poll_all_the_same(side: Side) -> None:
    side.server.interceptor = lambda _: Response(429, JSON, b"{}")
    first, second = side.ask(TOOL, NONE)
    assert isinstance(first.error, RateLimited)
    assert first.error.retry_at is None or first.error.retry_at <= NOW + timedelta(hours=1)
    assert isinstance(second.error, RateLimited)
    assert len(side.server.requests) == 1


def test_a_limit_of_queries_stops_these_alone(github: Side) -> None:
    body = b'{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    github.server.interceptor = lambda request: Response(200, JSON, body) if request.path == "/graphql" else None
    none, first, second = sorted(github.ask(TOOL, NONE, TOOL), key=lambda answer: answer.path)
    assert isinstance(first.error, RateLimited)
    assert (none.refs, none.error) == ((), None)
    assert isinstance(second.error, RateLimited)
    assert [request.path for request in github.server.requests].count("/graphql") == 1


def test_a_secondary_limit_of_queries_stops_everything(github: Side) -> None:
    refused = Response(403, {**JSON, "retry-after": "60"}, b"{}")
    github.server.interceptor = lambda request: refused if request.path == "/graphql" else None
    first, second = github.ask(TOOL, NONE)
    assert isinstance(first.error, RateLimited)
    assert isinstance(second.error, RateLimited)
    assert len(github.server.requests) == 2


@pytest.mark.parametrize("name", ["retry-after", "x-ratelimit-reset", "ratelimit-reset"])
def test_no_forge_is_left_alone_for_longer_than_a_day(side: Side, name: str) -> None:
    side.server.interceptor = lambda _: Response(429, {**JSON, name: "9999999999"}, b"{}")
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, RateLimited)
    assert answer.error.retry_at is None or answer.error.retry_at == NOW + timedelta(days=1)


def test_a_date_as_the_wait_is_no_later_than_in_a_day_either(side: Side) -> None:
    headers = {**JSON, "retry-after": "Sat, 23 Nov 2999 10:30:00 GMT"}
    side.server.interceptor = lambda _: Response(429, headers, b"{}")
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, RateLimited)
    assert answer.error.retry_at == NOW + timedelta(days=1)


def test_only_who_has_no_token_is_told_to_get_one(github: Side) -> None:
    github.server.interceptor = lambda _: Response(429, JSON, b"{}")
    [with_token], [without] = github.ask(TOOL), github.ask(TOOL, token=None)
    assert "set a token to get 5,000 requests an hour" not in str(with_token.error)
    assert "set a token to get 5,000 requests an hour" in str(without.error)


def test_who_has_no_token_is_not_told_that_it_was_refused(side: Side) -> None:
    def refuse(_: Request) -> Response:
        return Response.json(401, {"message": "Unauthorized"})

    side.server.interceptor = refuse
    [answer] = side.ask(TOOL, token=None)
    assert isinstance(answer.error, TokenRefused)
    assert "requires a token" in str(answer.error)
