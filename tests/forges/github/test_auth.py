"""GitHub asked as an App, by the real PyGithub over HTTP: one token for all, exchanged before it ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.github_app import RecordedApp, RecordedInstallation
from bot.demo.recorded.history import RecordedMilestone
from bot.demo.recorded.server import Drip, Drop, Fault, Request, Response
from bot.domain.polling.record import PollDepth
from bot.forges.github.forge import GitHubForge
from bot.forges.site import AppCredentials
from bot.services.ports import (
    EvidenceRequest,
    ForgeError,
    ForgeUnavailable,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from tests import keys
from tests.forges.conftest import MADE, after, small_repository

TOOL = PollRequest("team/tool")
EVIDENCE = EvidenceRequest("team/tool", MADE)


@pytest.fixture
def app() -> RecordedApp:
    return RecordedApp(12345, "dirac-releases", keys.public(), [RecordedInstallation(678, "team")])


@pytest.fixture
def github(app: RecordedApp) -> Iterator[RecordedGitHub]:
    tool = small_repository()
    tool.milestones.append(RecordedMilestone(1, "v1r2 hackathon", MADE))
    more = (small_repository(f"team/tool{number}") for number in range(30))
    with RecordedGitHub([tool, *more], now=now) as server:
        server.app = app
        yield server


def opened(github: RecordedGitHub, installation: int | None = 678, key: str = "first", **more: float) -> GitHubForge:
    return GitHubForge(
        "forge",
        github.url,
        AppCredentials(12345, installation, keys.private(key)),
        now=now,
        timeout=more.get("wait", 5),
    )


@pytest.fixture
def forge(github: RecordedGitHub) -> Iterator[GitHubForge]:
    made = opened(github)
    yield made
    made.close()


def ask(forge: GitHubForge, request: PollRequest = TOOL) -> PollAnswer:
    [answer] = forge.poll([request])
    return answer


def refusal(forge: GitHubForge) -> ForgeError:
    error = ask(forge).error
    assert error is not None
    return error


def asked_for_a_token(github: RecordedGitHub) -> int:
    return sum(request.path.endswith("/access_tokens") for request in github.requests)


def tokens_used(github: RecordedGitHub) -> set[str]:
    return {each.headers["authorization"] for each in github.requests if not each.path.startswith("/app")}


def test_a_first_poll_takes_one_request_more_for_the_token(github: RecordedGitHub, forge: GitHubForge) -> None:
    answer = ask(forge)
    assert answer.error is None
    assert [request.path.partition("?")[0] for request in github.requests] == [
        "/app/installations/678/access_tokens",
        "/repos/team/tool/git/matching-refs/tags/",
        "/graphql",
    ]
    assert (len(answer.details), answer.requests) == (5, 3)
    [used] = tokens_used(github)
    assert used.startswith("token ghs_12345_")
    assert github.requests[0].headers["authorization"].startswith("Bearer eyJ")


def test_within_its_hour_a_token_is_used_again_and_its_etags_hold(github: RecordedGitHub, forge: GitHubForge) -> None:
    with time_machine.travel(now()) as clock:
        first = ask(forge)
        clock.shift(timedelta(minutes=54))
        again = ask(forge, after(first))
    assert (again.error, again.refs, again.requests) == (None, None, 1)
    assert asked_for_a_token(github) == 1


def test_before_its_hour_ends_a_token_is_exchanged_and_no_etag_of_the_old_one_sent(
    github: RecordedGitHub, forge: GitHubForge
) -> None:
    with time_machine.travel(now()) as clock:
        first = ask(forge)
        clock.shift(timedelta(minutes=56))
        github.requests.clear()
        again = ask(forge, after(first))
        once_more = ask(forge, replace(after(first), validator=again.validator))
    assert (again.error, again.refs, again.requests) == (None, first.refs, 2)
    assert again.validator != first.validator
    assert "if-none-match" not in github.requests[1].headers
    assert (once_more.refs, once_more.requests) == (None, 1)


def test_milestones_are_read_anew_with_another_token(github: RecordedGitHub, forge: GitHubForge) -> None:
    with time_machine.travel(now()) as clock:
        first = forge.evidence(EVIDENCE)
        held = EvidenceRequest("team/tool", MADE, validators=first.validators)
        unchanged = forge.evidence(held)
        clock.shift(timedelta(minutes=56))
        anew = forge.evidence(held)
    assert [each.title for each in first.milestones or ()] == ["v1r2 hackathon"]
    assert (unchanged.error, unchanged.milestones) == (None, None)
    assert [each.title for each in anew.milestones or ()] == ["v1r2 hackathon"]
    assert asked_for_a_token(github) == 2


def test_many_repositories_in_many_threads_share_one_token(github: RecordedGitHub, forge: GitHubForge) -> None:
    requests = [PollRequest(f"team/tool{number}") for number in range(30)]
    answers = list(forge.poll(requests))
    assert [answer.error for answer in answers] == [None] * 30
    assert (asked_for_a_token(github), len(tokens_used(github))) == (1, 1)


def test_callers_that_meet_at_a_tokens_end_get_one_new_one(github: RecordedGitHub, forge: GitHubForge) -> None:
    with time_machine.travel(now()) as clock, ThreadPoolExecutor(8) as pool:
        ask(forge)
        clock.shift(timedelta(hours=2))
        meeting = Barrier(8)

        def meet(number: int) -> PollAnswer:
            meeting.wait()
            return ask(forge, PollRequest(f"team/tool{number}"))

        answers = list(pool.map(meet, range(8)))
    assert [answer.error for answer in answers] == [None] * 8
    assert asked_for_a_token(github) == 2


def test_a_token_that_was_taken_back_is_exchanged_at_once(
    github: RecordedGitHub, forge: GitHubForge, app: RecordedApp
) -> None:
    with time_machine.travel(now()) as clock:
        first = ask(forge)
        clock.shift(timedelta(minutes=10))
        app.revoke()
        again = ask(forge, after(first))
    assert (again.error, again.refs) == (None, first.refs)
    assert again.validator != first.validator
    assert asked_for_a_token(github) == 2


def test_tokens_that_are_refused_as_soon_as_they_are_given_are_not_asked_for_again_and_again(
    github: RecordedGitHub, forge: GitHubForge
) -> None:
    github.interceptor = lambda each: None if each.path.startswith("/app") else Response.json(401, {"message": "Bad"})
    for _ in range(3):
        error = refusal(forge)
        assert isinstance(error, TokenRefused)
        assert str(error) == "forge:team/tool: GitHub rejected the token (401)"
    assert asked_for_a_token(github) == 1


@pytest.mark.parametrize("ends", [timedelta(hours=-1), timedelta(minutes=2)])
def test_a_token_that_ends_at_once_is_used_for_a_minute(
    github: RecordedGitHub, forge: GitHubForge, app: RecordedApp, ends: timedelta
) -> None:
    def give(request: Request) -> Response | None:
        if not request.path.endswith("/access_tokens"):
            return None
        answer = app.answer(request, github.url, now())
        ended = f'"expires_at":"{now() + ends:%Y-%m-%dT%H:%M:%SZ}"'.encode()
        return Response(201, {}, b"{" + ended + b"," + answer.body.replace(b"expires_at", b"x")[1:])

    github.interceptor = give
    with time_machine.travel(now()) as clock:
        assert (ask(forge).error, ask(forge).error, asked_for_a_token(github)) == (None, None, 1)
        clock.shift(timedelta(minutes=1))
        assert (ask(forge).error, asked_for_a_token(github)) == (None, 2)


def test_another_key_is_refused_and_asked_with_once_a_minute(github: RecordedGitHub) -> None:
    forge = opened(github, key="another")
    with time_machine.travel(now()) as clock:
        for _ in range(3):
            error = refusal(forge)
            assert isinstance(error, TokenRefused)
            assert str(error) == (
                "forge:team/tool: GitHub rejected the key of the GitHub App 12345; check the id; "
                "create a new private key in the App's settings and replace the old one"
            )
        assert len(github.requests) == 1
        clock.shift(timedelta(minutes=1))
        refusal(forge)
        assert len(github.requests) == 2
    forge.close()


def test_a_refusal_is_told_of_each_repository(github: RecordedGitHub, app: RecordedApp, forge: GitHubForge) -> None:
    app.installations.clear()
    requests = [PollRequest(f"team/tool{number}", PollDepth.QUICK, is_detailed=True) for number in range(30)]
    answers = list(forge.poll(requests))
    assert {str(answer.error).partition(": ")[0] for answer in answers} == {f"forge:{each.path}" for each in requests}
    assert len(github.requests) == 1


@pytest.mark.parametrize("off", [timedelta(minutes=-20), timedelta(minutes=2), timedelta(minutes=20)])
def test_a_clock_that_is_wrong_is_named_as_the_cause(
    github: RecordedGitHub, forge: GitHubForge, app: RecordedApp, off: timedelta
) -> None:
    def from_another_time(request: Request) -> Response | None:
        return app.answer(request, github.url, now() - off) if request.path.startswith("/app") else None

    github.interceptor = from_another_time
    error = refusal(forge)
    assert isinstance(error, TokenRefused)
    assert (error.what, error.hint) == (
        "GitHub rejected the signature of the GitHub App 12345: the time in it is wrong",
        "set this machine's clock, for example with NTP",
    )


def test_a_clock_that_is_a_little_off_does_no_harm(
    github: RecordedGitHub, forge: GitHubForge, app: RecordedApp
) -> None:
    def answer(request: Request) -> Response | None:
        later = now() + timedelta(minutes=4)
        return app.answer(request, github.url, later) if request.path.startswith("/app") else None

    github.interceptor = answer
    assert ask(forge).error is None


def test_a_suspended_installation_is_named(forge: GitHubForge, app: RecordedApp) -> None:
    app.installations[678].suspended = now()
    error = refusal(forge)
    assert isinstance(error, TokenRefused)
    assert (error.what, error.hint) == (
        "the installation 678 of the GitHub App 12345 is suspended",
        "ask the account's owner to unsuspend it, in the settings under GitHub Apps",
    )
    app.installations[678].suspended = None
    with time_machine.travel(now() + timedelta(minutes=1)):
        assert ask(forge).error is None


def test_an_installation_that_is_suspended_later_is_told_by_the_next_question(
    forge: GitHubForge, app: RecordedApp
) -> None:
    ask(forge)
    app.installations[678].suspended = now()
    assert "This installation has been suspended" in str(refusal(forge))


def test_an_installation_that_is_not_there_is_named(github: RecordedGitHub) -> None:
    forge = opened(github, 999)
    error = refusal(forge)
    assert isinstance(error, TokenRefused)
    assert (error.what, error.hint) == (
        "GitHub has no installation 999 of the GitHub App 12345",
        "check id and installation in app, or install the App again",
    )
    forge.close()


def test_the_only_installation_is_found_by_itself_and_found_again_when_another_takes_its_place(
    github: RecordedGitHub, app: RecordedApp
) -> None:
    forge = opened(github, None)
    answer = ask(forge)
    assert (answer.error, answer.requests) == (None, 4)
    assert github.requests[0].path == "/app/installations"
    app.installations = {700: RecordedInstallation(700, "team")}
    with time_machine.travel(now() + timedelta(hours=1)) as clock:
        assert refusal(forge).what == "GitHub has no installation 678 of the GitHub App 12345"
        clock.shift(timedelta(minutes=1))
        assert ask(forge).error is None
    forge.close()


@pytest.mark.parametrize(
    ("accounts", "what", "hint"),
    [
        ([], "has no installation", "install the App for the owner of the repositories, in its settings"),
        (
            ["team", "DIRACGrid"],
            "has 2 installations",
            "set installation in app to one of: team (1), DIRACGrid (2)",
        ),
        (
            [f"a{number}" for number in range(12)],
            "has 12 installations",
            "set installation in app to one of: "
            + ", ".join(f"a{number} ({number + 1})" for number in range(10))
            + ", 2 more",
        ),
    ],
)
def test_none_or_several_installations_are_one_line_that_names_them(
    github: RecordedGitHub, app: RecordedApp, accounts: list[str], what: str, hint: str
) -> None:
    app.installations = {n: RecordedInstallation(n, account) for n, account in enumerate(accounts, 1)}
    forge = opened(github, None)
    error = refusal(forge)
    assert isinstance(error, TokenRefused)
    assert (error.what, error.hint) == (f"the GitHub App 12345 {what}", hint)
    forge.close()


def test_an_id_that_no_app_has(github: RecordedGitHub) -> None:
    forge = GitHubForge("forge", github.url, AppCredentials(1, None, keys.private()), now=now)
    assert refusal(forge).what == "the GitHub App 1 does not exist"
    forge.close()


def test_what_the_app_may_not_read_is_told_with_the_mend(forge: GitHubForge, app: RecordedApp) -> None:
    app.installations[678].permissions = {"metadata": "read"}
    error = refusal(forge)
    assert isinstance(error, TokenRefused)
    assert str(error) == (
        "forge:team/tool: GitHub denied access: Resource not accessible by integration; "
        "grant the App read access to contents, issues and pull requests, and accept it in the installation"
    )


def test_a_repository_that_the_installation_does_not_have(forge: GitHubForge) -> None:
    error = ask(forge, PollRequest("team/secret")).error
    assert isinstance(error, RepositoryNotFound)
    told = "check the path; install the App for a private repository (requested: http"
    assert error.hint.startswith(told)


def json_answer(status: int, body: object) -> Response:
    return Response.json(status, body)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_answer(201, {}), ForgeUnavailable),
        (json_answer(201, []), ForgeUnavailable),
        (json_answer(201, {"token": "a b", "expires_at": "2030-01-01T00:00:00Z"}), ForgeUnavailable),
        (json_answer(201, {"token": "ghs_x\r\nX: y", "expires_at": "2030-01-01T00:00:00Z"}), ForgeUnavailable),
        (json_answer(201, {"token": "ghs_x", "expires_at": "soon"}), ForgeUnavailable),
        (json_answer(201, {"token": ["ghs_x"], "expires_at": 7}), ForgeUnavailable),
        (Response.text(201, "<html>"), ForgeUnavailable),
        (Response.text(200, ""), ForgeUnavailable),
        (json_answer(500, {}), ForgeUnavailable),
        (json_answer(418, {"message": "eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjF9.s1gnature"}), ForgeUnavailable),
        (json_answer(403, {"message": "Not for you"}), TokenRefused),
        (json_answer(401, {"message": "A JSON web token could not be decoded"}), TokenRefused),
        (json_answer(403, {"message": "You have exceeded a secondary rate limit"}), RateLimited),
        (Response(429, {"retry-after": "60"}, b"{}"), RateLimited),
        (Drop(), ForgeUnavailable),
        (Drip(0.3), ForgeUnavailable),
    ],
    ids=str,
)
def test_no_token_is_an_error_of_the_repository_like_any_other(
    github: RecordedGitHub, answer: Response | Fault, kind: type[ForgeError]
) -> None:
    forge = opened(github, wait=0.2)
    github.interceptor = lambda request: answer if request.path.startswith("/app") else None
    error = refusal(forge)
    assert type(error) is kind
    assert "s1gnature" not in str(error)
    assert {request.path.partition("/app")[0] for request in github.requests} == {""}
    github.interceptor = None
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert ask(forge).error is None
    forge.close()


@pytest.mark.parametrize("listed", [{}, [7], [{"id": "x"}], [{"id": 1}, None], "no"])
def test_a_list_of_installations_that_is_none(github: RecordedGitHub, listed: object) -> None:
    github.interceptor = lambda _: json_answer(200, listed)
    forge = opened(github, None)
    assert isinstance(refusal(forge), ForgeUnavailable)
    forge.close()


def test_a_github_that_gives_no_token_for_long_is_left_alone_and_taken_up_again(
    github: RecordedGitHub, forge: GitHubForge
) -> None:
    with time_machine.travel(now()) as clock:
        github.interceptor = lambda _: json_answer(503, {})
        for _ in range(5):
            refusal(forge)
        github.requests.clear()
        assert "; next try at " in str(refusal(forge))
        assert github.requests == []
        github.interceptor = None
        clock.shift(timedelta(minutes=1))
        assert ask(forge).error is None


def test_no_network_is_one_line() -> None:
    forge = GitHubForge("forge", "http://127.0.0.1:1", AppCredentials(1, 2, keys.private()), now=now)
    assert str(refusal(forge)) == "forge:team/tool: cannot reach GitHub: connection refused"
    forge.close()


def test_the_limits_told_are_those_of_the_installation(github: RecordedGitHub, forge: GitHubForge) -> None:
    ask(forge)
    left = {limit.resource: limit.remaining for limit in forge.limits()}
    assert left["core"] == 4999
    assert sum(request.path.startswith("/repos") for request in github.requests) == 1


def test_its_health_tells_of_the_app_and_what_it_may(forge: GitHubForge, app: RecordedApp) -> None:
    app.installations[678].permissions = {"metadata": "read", "contents": "write"}
    told = forge.health()
    assert told.app is not None
    assert (told.app.name, told.app.installation) == ("dirac-releases (12345)", "team (678)")
    assert told.app.permissions == {"metadata": "read", "contents": "write"}
    assert (told.scopes, told.expires_at) == (None, None)


@pytest.mark.parametrize("odd", [{}, [], {"account": None, "permissions": [1]}, {"app_slug": "a\nb", "account": {}}])
def test_its_health_is_told_whatever_github_says_of_the_installation(
    github: RecordedGitHub, forge: GitHubForge, odd: object
) -> None:
    def answer(request: Request) -> Response | None:
        return json_answer(200, odd) if request.path.endswith("/678") else None

    github.interceptor = answer
    told = forge.health().app
    assert told is not None
    assert (told.name, told.installation, told.permissions) == ("? (12345)", "? (678)", {})


def test_neither_key_nor_token_is_in_what_is_printed_of_them(forge: GitHubForge) -> None:
    credentials = AppCredentials(1, 2, keys.private())
    assert keys.private().splitlines()[1] not in repr(credentials)
    ask(forge)
    app = forge._app
    assert app is not None
    assert "ghs_" not in repr(app._held)


def test_an_app_pays_for_its_lists(forge: GitHubForge) -> None:
    assert [price.complete.of(1) for price in forge.prices()] == [1, 0]
