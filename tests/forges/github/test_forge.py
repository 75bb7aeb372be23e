"""What GitHub alone does: one request for all tags, ETags, GraphQL, and the public limit."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.recorded.history import RecordedRelease, RecordedTag
from bot.demo.recorded.server import Request, Response
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails
from bot.domain.versions.dirac import DiracScheme
from bot.services.ports import ForgeError, ForgeUnavailable, PollRequest, RateLimited, RepositoryNotFound, TokenRefused
from tests.forges.conftest import MADE, NOW, TOKEN, Side, after, commit_id

DIRAC = PollRequest("DIRACGrid/DIRAC")
TOOL = PollRequest("team/tool")
JSON = {"content-type": "application/json"}
RESOURCES = {
    "data": {"repository": None},
    "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}],
}


def graphql_requests(side: Side) -> list[Request]:
    return [request for request in side.server.requests if request.path == "/graphql"]


def test_all_of_dirac_takes_5_requests_and_nothing_new_takes_one(github: Side) -> None:
    [cold] = github.ask(DIRAC)
    assert (len(cold.refs or ()), len(cold.details), cold.requests) == (1114, 1114, 5)
    [warm] = github.ask(after(cold))
    assert (warm.refs, warm.details, warm.requests, warm.validator) == (None, {}, 1, cold.validator)
    assert len(github.server.requests) == 6


def test_a_new_tag_on_an_old_commit_takes_two_requests(github: Side) -> None:
    [cold] = github.ask(DIRAC)
    old = RecordedTag("v9r9", commit_id(7), MADE - timedelta(days=4000))
    github.repositories["DIRACGrid/DIRAC"].put(old)
    [found] = github.ask(after(cold))
    assert found.requests == 2
    assert list(found.details) == ["v9r9"]


def test_a_full_poll_sends_no_etag_and_reads_every_date_again(github: Side) -> None:
    [cold] = github.ask(TOOL)
    github.repositories["team/tool"].releases["v1r0"] = RecordedRelease("v1r0", MADE + timedelta(days=2))
    [warm], [full] = github.ask(after(cold)), github.ask(after(cold, PollDepth.FULL))
    assert warm.refs is None
    assert full.details["v1r0"].published == MADE + timedelta(days=2)


def test_the_first_poll_finds_of_every_tag_what_its_objects_say(github: Side) -> None:
    recorded = github.repositories["DIRACGrid/DIRAC"]
    for number in range(250):
        recorded.releases[f"v7r2p{number}"] = RecordedRelease(f"v7r2p{number}", MADE + timedelta(days=number))
    [answer] = github.ask(DIRAC)
    published = {name: release.published for name, release in recorded.releases.items()}
    assert answer.details == {
        name: TagDetails(tag.commit, published.get(name), tag.tagged, tag.committed)
        for name, tag in recorded.tags.items()
    }
    points = sum(request.path == "/graphql" for request in github.server.requests)
    assert (answer.requests, points) == (7, 6)


def test_a_tag_whose_object_is_gone_between_the_two_steps_is_dated_by_the_next_poll(github: Side) -> None:
    tags = github.repositories["team/tool"].tags
    annotated = tags["v1r1"]

    def decide(request: Request) -> None:
        if request.path == "/graphql":
            tags.pop("v1r1", None)

    github.server.interceptor = decide
    [answer] = github.ask(TOOL)
    assert answer.error is None
    assert {ref.name for ref in answer.refs or ()} - set(answer.details) == {"v1r1"}
    github.server.interceptor = None
    tags["v1r1"] = annotated
    [later] = github.ask(after(answer))
    assert later.refs is None
    assert later.details["v1r1"].commit == annotated.commit


def test_an_object_that_graphql_says_does_not_exist_keeps_no_other_from_its_date(github: Side) -> None:
    def decide(request: Request) -> Response | None:
        if request.path != "/graphql":
            return None
        answer = json.loads(github.server.answer(request).body)
        answer["data"]["repository"]["o1"] = None
        error = {"type": "NOT_FOUND", "path": ["repository", "o1"], "message": "Could not resolve to an object."}
        return Response.json(200, answer | {"errors": [error]})

    github.server.interceptor = decide
    [answer] = github.ask(TOOL)
    assert answer.error is None
    gone = json.loads(graphql_requests(github)[0].body)["variables"]["o1"]
    assert {ref.name for ref in answer.refs or () if ref.target != gone} == set(answer.details)


def test_a_release_published_later_keeps_what_is_recorded_of_its_tag(github: Side) -> None:
    [cold] = github.ask(TOOL)
    repository = github.repositories["team/tool"]
    repository.releases["v1r1"] = RecordedRelease("v1r1", MADE + timedelta(days=2), prerelease=True)
    repository.put(RecordedTag("v1r3", commit_id(5), MADE))
    [warm] = github.ask(after(cold))
    published = replace(cold.details["v1r1"], published=MADE + timedelta(days=2), is_flagged=True)
    assert warm.details["v1r1"] == published
    assert warm.requests == 2


def test_a_release_says_nothing_of_a_moved_tag_whose_new_object_is_gone(github: Side) -> None:
    [cold] = github.ask(TOOL)
    repository = github.repositories["team/tool"]
    repository.put(RecordedTag("v1.1.0", commit_id(70), MADE))

    def decide(request: Request) -> None:
        if request.path == "/graphql":
            repository.put(RecordedTag("v1.1.0", commit_id(71), MADE))

    github.server.interceptor = decide
    [warm] = github.ask(after(cold))
    assert warm.error is None
    assert "v1.1.0" not in warm.details


def test_a_query_that_is_too_large_is_no_outage(github: Side) -> None:
    """A large query that fails is not sent again as it is, and does not open the circuit."""
    sizes: list[int] = []

    def decide(request: Request) -> Response | None:
        if request.path != "/graphql":
            return None
        sizes.append(sum(name.startswith("o") for name in json.loads(request.body)["variables"]) - 1)
        return Response(502, JSON, b"") if sizes[-1] > 40 else None

    github.server.interceptor = decide
    [answer] = github.ask(DIRAC)
    assert (answer.error, len(answer.details)) == (None, 1114)
    assert len([size for size in sizes if size > 40]) <= 4 + 3
    assert answer.requests == len(github.server.requests)


def test_an_outage_of_graphql_costs_few_requests(github: Side) -> None:
    fail_graphql(github, 502, {})
    [answer] = github.ask(DIRAC)
    assert isinstance(answer.error, ForgeUnavailable)
    assert len(graphql_requests(github)) <= 12


def test_an_etag_is_not_sent_with_another_token(github: Side) -> None:
    [cold] = github.ask(TOOL)
    [other] = github.ask(after(cold), token="other")
    assert other.refs is not None
    assert "if-none-match" not in github.server.requests[-1].headers
    assert other.validator != cold.validator


def test_a_draft_is_not_published(github: Side) -> None:
    github.repositories["team/tool"].releases["v1r0"] = RecordedRelease("v1r0", MADE, draft=True)
    [answer] = github.ask(TOOL)
    assert answer.details["v1r0"].published is None


def test_a_tag_on_a_blob_has_no_commit(github: Side) -> None:
    github.repositories["team/tool"].put(RecordedTag("logo", commit_id(50), MADE, target_type="blob"))
    [answer] = github.ask(TOOL)
    assert answer.details["logo"].commit is None
    assert answer.details["logo"].committed is None


def test_every_query_is_sent_with_variables_only(github: Side) -> None:
    github.repositories["team/tool"].put(RecordedTag('"}){evil', commit_id(60), MADE))
    github.ask(TOOL)
    for request in graphql_requests(github):
        assert "evil" not in json.loads(request.body)["query"]


def fail_graphql(side: Side, status: int, body: object) -> None:
    def decide(request: Request) -> Response | None:
        return Response(status, JSON, json.dumps(body).encode()) if request.path == "/graphql" else None

    side.server.interceptor = decide


@pytest.mark.parametrize("refusal", [Response(502, JSON, b"{}"), Response.json(200, RESOURCES)], ids=["502", "partial"])
@pytest.mark.parametrize("is_cold", [True, False])
def test_dates_that_are_too_many_for_one_query_are_asked_for_in_smaller_ones(
    github: Side, refusal: Response, *, is_cold: bool
) -> None:
    """GitHub gives part of the data, or ends the query, where its resources or its ten seconds are spent."""
    [cold] = github.ask(DIRAC)
    asked: list[int] = []

    def decide(request: Request) -> Response | None:
        if request.path != "/graphql":
            return None
        variables = json.loads(request.body)["variables"]
        asked.append(sum(name.startswith("o") for name in variables) - 1)
        return refusal if asked[-1] > 30 else None

    github.server.interceptor = decide
    missing = [f"v6r22p{number}" for number in range(1, 36)]
    [answer] = github.ask(DIRAC if is_cold else after(cold, missing=missing))
    assert answer.error is None
    assert {name: answer.details[name] for name in missing} == {name: cold.details[name] for name in missing}
    assert max(asked) > 30
    assert min(asked) < 30


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}, RateLimited),
        (200, {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND"}]}, RepositoryNotFound),
        (200, {"data": None, "errors": [{"message": "Something went wrong"}]}, ForgeUnavailable),
        (200, {"data": {"repository": None}}, ForgeUnavailable),
        (200, {"data": None}, ForgeUnavailable),
        (200, {"errors": "no"}, ForgeUnavailable),
        *((status, {}, ForgeUnavailable) for status in (500, 502, 503, 504)),
        (401, {"message": "Bad credentials"}, TokenRefused),
        (403, {"message": "Resource not accessible", "documentation_url": "https://docs.github.com"}, TokenRefused),
        (403, {"message": "You have exceeded a secondary rate limit"}, RateLimited),
        (429, {}, RateLimited),
        (400, {"message": "Problems parsing JSON", "documentation_url": "https://docs.github.com"}, ForgeUnavailable),
    ],
)
def test_when_the_dates_cannot_be_read_nothing_is_recorded_half(
    github: Side, status: int, body: object, kind: type[ForgeError]
) -> None:
    fail_graphql(github, status, body)
    [answer] = github.ask(TOOL)
    assert isinstance(answer.error, kind)
    assert answer.refs is None
    assert answer.details == {}


def test_a_primary_limit_waits_for_its_reset(github: Side) -> None:
    headers = {**JSON, "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 600)}
    github.server.interceptor = lambda _: Response(403, headers, b'{"message": "API rate limit exceeded"}')
    [answer] = github.ask(TOOL)
    assert isinstance(answer.error, RateLimited)
    assert answer.error.retry_at == NOW + timedelta(minutes=10)


def test_a_secondary_limit_is_a_limit_too(github: Side) -> None:
    body = b'{"message": "You have exceeded a secondary rate limit"}'
    github.server.interceptor = lambda _: Response(403, JSON, body)
    [answer] = github.ask(TOOL)
    assert isinstance(answer.error, RateLimited)


def test_a_repository_without_commits_has_no_tags_and_that_is_no_error(github: Side) -> None:
    github.repositories["team/none"].empty = True
    for token in (TOKEN, None):
        [answer] = github.ask(PollRequest("team/none"), token=token)
        assert (answer.refs, answer.error) == ((), None)
    empty = Response(409, JSON, b'{"message": "Git Repository is empty."}')
    github.server.interceptor = lambda request: None if request.path == "/graphql" else empty
    for token in (TOKEN, None):
        [answer] = github.ask(PollRequest("team/none", PollDepth.FULL), token=token)
        assert (answer.refs, answer.error) == ((), None)


def test_a_renamed_repository_is_followed_and_told(github: Side) -> None:
    def renamed(request: Request) -> Response | None:
        if request.path == "/graphql":
            found = {"nameWithOwner": "team/new", "refs": None, "releases": None}
            return Response(200, JSON, json.dumps({"data": {"repository": found}}).encode())
        return None

    github.server.interceptor = renamed
    [answer] = github.ask(TOOL)
    assert answer.error is None
    assert answer.renamed == "renamed to team/new; update its path"


def test_a_redirect_to_another_host_is_not_followed(github: Side) -> None:
    github.server.interceptor = lambda _: Response(301, {"location": "http://127.0.0.2/evil"}, b"")
    [answer] = github.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)


def test_a_redirect_in_a_ring_ends(github: Side) -> None:
    def around(request: Request) -> Response:
        return Response(301, {"location": f"{github.server.url}{request.path}x"}, b"")

    github.server.interceptor = around
    [answer] = github.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)


# ---------------------------------------------------------------- without a token


def test_without_a_token_every_tag_is_known_at_once_and_dates_come_newest_first(github: Side) -> None:
    scheme = DiracScheme()
    newest_first = PollRequest("DIRACGrid/DIRAC", rank=lambda name: v.order if (v := scheme.read(name)) else "")
    [answer] = github.ask(newest_first, token=None)
    assert answer.error is None
    assert len(answer.refs or ()) == 1114
    assert {"v9.0.0a31", "v8.0.55", "v8.0.54"} <= set(answer.details)
    assert "v6r0" not in answer.details
    assert answer.requests <= 31
    left = 1114 - len(answer.details)
    assert answer.notice == f"no token: dates of {left} tags not fetched yet, newest versions first"


def test_without_a_token_later_polls_go_on_where_the_first_stopped(github: Side) -> None:
    [first] = github.ask(DIRAC, token=None)
    github.repositories["DIRACGrid/DIRAC"].tags = {
        name: tag for name, tag in github.repositories["DIRACGrid/DIRAC"].tags.items() if name in first.details
    }
    github.repositories["DIRACGrid/DIRAC"].put(RecordedTag("v9r9", commit_id(9), MADE))
    github.server.requests.clear()
    [second] = github.ask(after(first), token=None)
    assert second.requests <= 3


def test_without_a_token_repositories_take_turns(github: Side) -> None:
    dirac, tool = github.ask(DIRAC, TOOL, token=None)
    assert len(dirac.details) > 10
    assert set(tool.details) == {"v1r0", "v1r1", "v1.1.0", "rel/v1r2", "größe+1"}
    assert tool.details["v1r1"].tagger == MADE + timedelta(hours=1)
    assert tool.details["v1.1.0"].published == MADE + timedelta(days=1)
    assert tool.notice == ""


def test_without_a_token_half_of_the_limit_is_kept_for_later(github: Side) -> None:
    github.ask(DIRAC, TOOL, token=None)
    assert len(github.server.requests) <= 32


def test_without_a_token_a_blob_is_asked_for_once(github: Side) -> None:
    github.repositories["team/tool"].tags = {
        "logo": RecordedTag("logo", commit_id(50), MADE, target_type="blob"),
    }
    [answer] = github.ask(TOOL, token=None)
    assert answer.details["logo"].commit is None


def test_without_a_token_dates_that_cannot_be_had_now_come_later(github: Side) -> None:
    def fail(request: Request) -> Response | None:
        return None if "matching-refs" in request.path else Response(500, JSON, b"{}")

    github.server.interceptor = fail
    [answer] = github.ask(TOOL, token=None)
    assert answer.error is None
    assert len(answer.refs or ()) == 5
    assert answer.details == {}
