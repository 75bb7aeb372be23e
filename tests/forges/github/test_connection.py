"""What is used of PyGithub's insides works as it did: its connections are not documented."""

import github

from bot.demo.recorded.github import RecordedGitHub
from bot.forges.github.connection import AdapterConnection, CurrentTokenAuth
from bot.forges.http import ForgeAdapter
from tests.forges.conftest import NOW, TOKEN, small_repository


def test_pygithub_sends_over_the_connection_that_it_is_given_with_the_token_of_the_moment() -> None:
    auth = CurrentTokenAuth()
    with RecordedGitHub([small_repository()], tokens=[TOKEN], now=lambda: NOW) as server:
        adapter = ForgeAdapter(server.url, 5)
        connection = AdapterConnection(server.url, adapter)
        requester = github.Github(base_url=server.url, auth=auth, retry=None).requester
        answers = []
        for auth.bearer in (TOKEN, "another"):
            status, headers, text = requester.requestJson("GET", "/repos/team/tool", headers={}, cnx=connection)
            answers.append((status, "x-ratelimit-limit" in headers, adapter.sent))
            assert isinstance(text, str)
        connection.close()
        requester.close()
    assert answers == [(200, True, 1), (401, True, 2)]
