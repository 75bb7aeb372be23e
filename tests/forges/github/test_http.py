"""Requests to GitHub: what counts as a failure of the forge."""

import pytest

from bot.forges.counter import RequestCounter
from bot.forges.github.http import Allowance, ApiRequest, QueryFailed, Transport
from bot.forges.throttle import CircuitBreaker, RateLimiter, RateLimitPause
from bot.services.ports import ForgeUnavailable
from tests.forges.conftest import NOW, slow_server


@pytest.mark.parametrize("is_divisible", [True, False])
def test_a_query_that_takes_too_long_is_a_failure_of_github_only_if_no_smaller_one_is_sent(
    *, is_divisible: bool
) -> None:
    breaker = CircuitBreaker("GitHub", lambda: NOW)
    for _ in range(4):
        breaker.record_failure()
    allowance = Allowance(RateLimitPause(lambda: NOW), RateLimiter(10), breaker)
    with slow_server(b"", b"") as url:
        transport = Transport(url, None, timeout=0.15)
        request = ApiRequest("POST", transport.graphql_url, body={}, is_divisible=is_divisible)
        with pytest.raises(QueryFailed if is_divisible else ForgeUnavailable):
            transport.send(RequestCounter("GitHub"), request, allowance)
        transport.close()
    if is_divisible:
        allowance.check("team/tool")
    else:
        with pytest.raises(ForgeUnavailable, match="next try"):
            allowance.check("team/tool")
