"""GitHub's quick look: many repositories in one query, and none lost where it fails."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from bot.demo.recorded.server import Request, Response
from bot.domain.polling.record import PollDepth
from bot.forges.github.forge import GitHubForge
from bot.services.ports import Known, PollAnswer, PollRequest, RateLimited, RepositoryNotFound
from tests.forges.conftest import MADE, NOW, TOKEN, Side, after, commit_id, small_repository

PATHS = [f"site/extension{number}" for number in range(120)]
JSON = {"content-type": "application/json"}


@contextmanager
def served() -> Iterator[Side]:
    repositories = {path: small_repository(path) for path in PATHS}
    with RecordedGitHub(repositories.values(), tokens=[TOKEN], now=lambda: NOW) as server:
        yield Side(server, GitHubForge, repositories)


@pytest.fixture
def many() -> Iterator[Side]:
    """A hundred and twenty repositories of five tags each."""
    with served() as side:
        yield side


@pytest.fixture(scope="module")
def known() -> dict[str, PollAnswer]:
    """What the first two polls taught: every tag, and then what a quick look shows; the same of every server."""
    with served() as many:
        first = {answer.path: answer for answer in many.ask(*(PollRequest(path) for path in PATHS))}
        quick = many.ask(*(after(first[path], PollDepth.QUICK) for path in PATHS))
    heads = {answer.path: answer.head for answer in quick}
    return {path: replace(answer, head=heads[path]) for path, answer in first.items()}


def looked(side: Side, known: dict[str, PollAnswer], look: PollDepth = PollDepth.QUICK) -> dict[str, PollAnswer]:
    return {answer.path: answer for answer in side.ask(*(after(known[path], look) for path in PATHS))}


def names(answer: PollAnswer) -> set[str]:
    return {ref.name for ref in answer.refs or ()}


def batches(side: Side) -> list[int]:
    """How many repositories each query asked for."""
    bodies = [json.loads(request.body) for request in side.server.requests if request.path == "/graphql"]
    return [body["query"].count("...Head }") for body in bodies if "...Head" in body["query"]]


def test_a_first_quick_look_is_followed_by_a_complete_one_that_costs_no_quota(many: Side) -> None:
    first = {answer.path: answer for answer in many.ask(*(PollRequest(path) for path in PATHS))}
    many.server.requests.clear()
    quick = many.ask(*(after(first[path], PollDepth.QUICK) for path in PATHS))
    assert {(answer.refs, answer.look) for answer in quick} == {(None, PollDepth.COMPLETE)}
    assert len(many.server.requests) == 3 + len(PATHS)


def test_nothing_new_takes_a_query_for_fifty_repositories(many: Side, known: dict[str, PollAnswer]) -> None:
    answers = looked(many, known)
    assert {(answer.refs, answer.look, answer.error) for answer in answers.values()} == {(None, PollDepth.QUICK, None)}
    assert sorted(batches(many)) == [20, 50, 50]
    assert len(many.server.requests) == sum(answer.requests for answer in answers.values()) == 3


def test_what_is_known_is_read_only_where_something_is_new(many: Side, known: dict[str, PollAnswer]) -> None:
    def never() -> Known:
        pytest.fail("nothing is new here")

    forge = many.forge()
    requests = [replace(after(known[path], PollDepth.QUICK), recall=never) for path in PATHS]
    assert len(list(forge.poll(requests))) == len(PATHS)
    forge.close()


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=3650)])
def test_a_new_tag_is_found_also_on_a_commit_of_ten_years_ago(
    many: Side, known: dict[str, PollAnswer], age: timedelta
) -> None:
    many.repositories[PATHS[7]].put(RecordedTag("v9r9", commit_id(900), MADE - age))
    answers = looked(many, known)
    found = answers.pop(PATHS[7])
    assert (found.look, names(found) - names(known[PATHS[7]])) == (PollDepth.COMPLETE, {"v9r9"})
    assert found.details["v9r9"].committed == MADE - age
    assert {answer.refs for answer in answers.values()} == {None}
    assert len(many.server.requests) == 3 + 2


def test_a_deleted_tag_and_one_that_moved_to_a_new_commit_are_found(many: Side, known: dict[str, PollAnswer]) -> None:
    del many.repositories[PATHS[1]].tags["v1r0"]
    many.repositories[PATHS[2]].put(RecordedTag("v1r0", commit_id(901), NOW))
    answers = looked(many, known)
    assert names(known[PATHS[1]]) - names(answers[PATHS[1]]) == {"v1r0"}
    assert commit_id(901) in {ref.target for ref in answers[PATHS[2]].refs or ()}


def test_what_hides_from_a_quick_look_is_found_by_a_complete_one(many: Side, known: dict[str, PollAnswer]) -> None:
    repository = many.repositories[PATHS[3]]
    for number in range(20):
        repository.put(RecordedTag(f"v2r{number}", commit_id(number + 200), MADE + timedelta(days=1)))
    held = {**known, **looked(many, known)}
    repository.put(RecordedTag("v1r0", commit_id(902), MADE - timedelta(days=5)))
    assert looked(many, held)[PATHS[3]].look is PollDepth.QUICK
    found = looked(many, held, PollDepth.COMPLETE)[PATHS[3]]
    assert commit_id(902) in {ref.target for ref in found.refs or ()}


def test_a_release_published_later_dates_its_tag(many: Side, known: dict[str, PollAnswer]) -> None:
    published = NOW + timedelta(days=1)
    many.repositories[PATHS[4]].releases["v1r0"] = RecordedRelease("v1r0", published)
    found = looked(many, known)[PATHS[4]]
    assert found.refs is None
    assert found.details["v1r0"].published == published
    assert found.details["v1.1.0"] == known[PATHS[4]].details["v1.1.0"]


def test_a_repository_that_is_gone_harms_no_other(many: Side, known: dict[str, PollAnswer]) -> None:
    requests = [after(known[path], PollDepth.QUICK) for path in PATHS[:5]]
    gone = PollRequest("site/gone", PollDepth.QUICK, "v", "head")
    answers = {answer.path: answer for answer in many.ask(*requests, gone)}
    assert isinstance(answers["site/gone"].error, RepositoryNotFound)
    assert {answers[path].look for path in PATHS[:5]} == {PollDepth.QUICK}
    assert batches(many) == [6]


def too_many(most: int, response: Response) -> object:
    def decide(request: Request) -> Response | None:
        return response if request.path == "/graphql" and request.body.count(b"...Head }") > most else None

    return decide


@pytest.mark.parametrize("response", [Response(502), Response(200, JSON, b'{"data": null, "errors": [{"type": "X"}]}')])
def test_where_a_query_is_too_much_smaller_ones_are_asked(
    many: Side, known: dict[str, PollAnswer], response: Response
) -> None:
    many.server.interceptor = too_many(20, response)  # type: ignore[assignment]
    answers = looked(many, known)
    assert {(answer.refs, answer.look) for answer in answers.values()} == {(None, PollDepth.QUICK)}
    assert len(answers) == len(PATHS)


def test_what_a_query_left_out_is_asked_for_again(many: Side, known: dict[str, PollAnswer]) -> None:
    """GitHub gives what it found before its resources ran out."""

    def decide(request: Request) -> Response | None:
        if request.path != "/graphql" or request.body.count(b"...Head }") < 50:
            return None
        whole = json.loads(many.server.answer(request).body)
        for number in range(25, 50):
            whole["data"][f"r{number}"] = None
        whole["errors"] = [{"type": "RESOURCE_LIMITS_EXCEEDED", "path": [f"r{number}"]} for number in range(25, 50)]
        return Response.json(200, whole)

    many.server.interceptor = decide
    answers = looked(many, known)
    assert {(answer.refs, answer.look) for answer in answers.values()} == {(None, PollDepth.QUICK)}
    assert len(answers) == len(PATHS)


def test_where_no_query_is_answered_each_repository_is_asked_by_its_etag(
    many: Side, known: dict[str, PollAnswer]
) -> None:
    limited = Response(200, JSON, b'{"errors": [{"type": "RATE_LIMITED", "message": "spent"}]}')
    many.server.interceptor = lambda request: limited if request.path == "/graphql" else None
    answers = looked(many, known)
    assert {(answer.refs, answer.look, answer.error) for answer in answers.values()} == {
        (None, PollDepth.COMPLETE, None)
    }
    assert len(batches(many)) == 1


def test_a_secondary_limit_is_told_for_all_that_were_not_answered(many: Side, known: dict[str, PollAnswer]) -> None:
    limited = Response(403, {**JSON, "retry-after": "60"}, b'{"message": "secondary rate limit"}')
    answered = [0]

    def decide(_: Request) -> Response | None:
        answered[0] += 1
        return limited if answered[0] > 1 else None

    many.server.interceptor = decide
    answers = looked(many, known)
    assert len(answers) == len(PATHS)
    told = [answer for answer in answers.values() if isinstance(answer.error, RateLimited)]
    assert len(told) == 70
    assert len(many.server.requests) <= 4


def test_a_renamed_repository_is_told_by_a_quick_look_too(many: Side, known: dict[str, PollAnswer]) -> None:
    def decide(request: Request) -> Response | None:
        if request.path != "/graphql":
            return None
        return Response.json(200, json.loads(many.server.answer(request).body.replace(b'extension5"', b'new-name"')))

    many.server.interceptor = decide
    assert looked(many, known)[PATHS[5]].look is PollDepth.COMPLETE


def test_no_name_reaches_a_query_but_as_a_variable(many: Side) -> None:
    many.ask(PollRequest('si"te/} evil {', PollDepth.QUICK, "v", "head"))
    assert all("evil" not in json.loads(request.body)["query"] for request in many.server.requests if request.body)


def test_repositories_that_do_not_exist_are_told_each(many: Side) -> None:
    answers = many.ask(*(PollRequest(f"no/body{number}", PollDepth.QUICK, "v", "head") for number in range(3)))
    assert all(isinstance(answer.error, RepositoryNotFound) for answer in answers)


def test_without_tags_nothing_new_is_nothing_new(many: Side) -> None:
    many.repositories["site/none"] = RecordedRepository("site/none", {}, {})
    with RecordedGitHub(many.repositories.values(), tokens=[TOKEN], now=lambda: NOW) as server:
        side = Side(server, GitHubForge, many.repositories)
        [first] = side.ask(PollRequest("site/none"))
        [second] = side.ask(after(first, PollDepth.QUICK))
        [third] = side.ask(after(first, PollDepth.QUICK, head=second.head))
    assert (third.refs, third.look, third.error) == (None, PollDepth.QUICK, None)
