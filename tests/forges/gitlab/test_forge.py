"""What GitLab alone does: pages, tokens, and lists that change while they are read."""

import json
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from bot.demo.recorded.server import Request, Response
from bot.domain.polling.record import PollDepth
from bot.services.ports import ForgeUnavailable, PollAnswer, PollRequest, RateLimited, RepositoryNotFound
from tests.forges.conftest import MADE, NOW, Side, after, commit_id

CTADIRAC = PollRequest("cta-computing/dpps/workload/CTADIRAC")
TOOL = PollRequest("team/tool")
JSON = {"content-type": "application/json"}


def entry(name: str) -> dict[str, object]:
    commit = {"id": "1" * 40, "committed_date": "2021-02-15T20:19:54.000+01:00"}
    return {"name": name, "target": "1" * 40, "commit": commit, "release": None, "created_at": None}


def test_every_page_is_read(gitlab: Side) -> None:
    [answer] = gitlab.ask(CTADIRAC)
    assert (len(answer.refs or ()), len(answer.details), answer.requests) == (323, 323, 5)
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
    [full] = gitlab.ask(after(first, PollDepth.FULL))
    assert full.details["v1.1.0"].published is not None


def long_list(gitlab: Side) -> tuple[RecordedRepository, PollAnswer]:
    [first] = gitlab.ask(CTADIRAC)
    gitlab.server.requests.clear()
    return gitlab.repositories[CTADIRAC.path], first


def test_nothing_new_takes_one_request(gitlab: Side) -> None:
    _, first = long_list(gitlab)
    [again] = gitlab.ask(after(first, PollDepth.QUICK))
    assert (again.refs, again.error, again.requests) == (None, None, 1)


def test_a_new_tag_takes_a_page_and_the_projects_id_and_comes_with_its_dates(gitlab: Side) -> None:
    repository, first = long_list(gitlab)
    repository.put(RecordedTag("v9r9", commit_id(9), NOW))
    [again] = gitlab.ask(after(first, PollDepth.QUICK))
    assert (again.requests, again.identity) == (2, first.identity)
    assert {ref.name for ref in again.refs or ()} == {"v9r9", *(ref.name for ref in first.refs or ())}
    assert again.details["v9r9"].committed == NOW


def test_a_new_tag_on_an_old_commit_is_told_by_the_total_and_found_in_the_whole_list(gitlab: Side) -> None:
    repository, first = long_list(gitlab)
    repository.put(RecordedTag("from-old-times", commit_id(9), MADE - timedelta(days=3650)))
    [again] = gitlab.ask(after(first, PollDepth.QUICK))
    assert again.requests == 6
    assert again.details["from-old-times"].committed == MADE - timedelta(days=3650)


def test_a_deleted_tag_is_told_by_the_total_and_found_in_the_whole_list(gitlab: Side) -> None:
    repository, first = long_list(gitlab)
    gone = min(repository.tags.values(), key=lambda tag: tag.committed).name
    del repository.tags[gone]
    [again] = gitlab.ask(after(first, PollDepth.QUICK))
    assert {ref.name for ref in first.refs or ()} - {ref.name for ref in again.refs or ()} == {gone}


def test_an_old_tag_that_moved_is_found_by_a_complete_look(gitlab: Side) -> None:
    repository, first = long_list(gitlab)
    moved = min(repository.tags.values(), key=lambda tag: tag.committed)
    repository.put(replace(moved, commit=commit_id(8), tag_object=None, tagged=None))
    [quick] = gitlab.ask(after(first, PollDepth.QUICK))
    assert (quick.refs, quick.requests) == (None, 1)
    [complete] = gitlab.ask(after(first))
    assert next(ref.target for ref in complete.refs or () if ref.name == moved.name) == commit_id(8)


def test_tags_whose_dates_are_not_known_are_all_asked_for(gitlab: Side) -> None:
    _, first = long_list(gitlab)
    [again] = gitlab.ask(after(first, PollDepth.QUICK, missing=["CTA-TEST"]))
    assert "CTA-TEST" in again.details
    assert again.requests == 4


def test_releases_are_read_as_far_as_the_new_ones(gitlab: Side) -> None:
    repository = gitlab.repositories["team/tool"]
    for number in range(250):
        name = f"v2r{number}"
        repository.put(RecordedTag(name, commit_id(number + 10), MADE + timedelta(days=number)))
        repository.releases[name] = RecordedRelease(name, MADE + timedelta(days=number))
    [first] = gitlab.ask(TOOL)
    assert first.details["v2r0"].published == MADE
    repository.put(RecordedTag("v3r0", commit_id(999), NOW))
    repository.releases["v3r0"] = RecordedRelease("v3r0", NOW)
    gitlab.server.requests.clear()
    [again] = gitlab.ask(after(first, PollDepth.QUICK))
    assert again.details["v3r0"].published == NOW
    assert [request.path.rpartition("/")[2] for request in gitlab.server.requests] == [
        "tags",
        "team%2Ftool",
        "releases",
    ]
    assert all(again.details[name].published for name in again.details if name.startswith("v2"))


def test_many_repositories_are_asked_several_at_a_time_and_all_answered(gitlab: Side) -> None:
    # Eight at a time wait for each other here; were there fewer, the barrier would break.
    together = Barrier(8, timeout=10)

    def wait(request: Request) -> None:
        if "slow" in request.path:
            together.wait()

    gitlab.server.interceptor = wait
    forge = gitlab.forge()
    paths = ["team/tool", *(f"team/slow{number}" for number in range(16))]
    answers = list(forge.poll([PollRequest(path) for path in paths]))
    forge.close()
    assert sorted(answer.path for answer in answers) == sorted(paths)
    assert sum(isinstance(answer.error, RepositoryNotFound) for answer in answers) == 16


def test_what_was_answered_longest_ago_is_asked_first(gitlab: Side) -> None:
    older, newer = "2026-11-23T08:00:00+00:00", "2026-11-23T08:10:00+00:00"
    requests = [
        PollRequest("team/newer", validator=newer),
        PollRequest("team/older", validator=older),
        PollRequest("team/never"),
    ]
    forge = gitlab.forge()
    assert next(iter(forge.poll(requests))).path == "team/never"
    assert next(iter(forge.poll(requests[:2]))).path == "team/older"
    forge.close()
    [answer] = gitlab.ask(TOOL)
    assert answer.validator == NOW.isoformat()


def test_a_limit_that_runs_out_leaves_no_repository_without_an_answer(gitlab: Side) -> None:
    answered = [0]

    def limit(_: Request) -> Response | None:
        answered[0] += 1
        return Response(429, {**JSON, "retry-after": "60"}, b"{}") if answered[0] > 3 else None

    gitlab.server.interceptor = limit
    forge = gitlab.forge()
    answers = list(forge.poll([TOOL, *(PollRequest(f"team/r{number}") for number in range(40))]))
    forge.close()
    assert len({answer.path for answer in answers}) == 41
    limited = [answer for answer in answers if isinstance(answer.error, RateLimited)]
    assert len(limited) >= 37
    assert sum(answer.requests for answer in limited) <= 8
    assert {answer.validator for answer in limited} == {None}


def test_the_last_tenth_of_the_limit_is_left_to_others(gitlab: Side) -> None:
    headers = {
        **JSON,
        "ratelimit-limit": "1000",
        "ratelimit-remaining": "99",
        "ratelimit-reset": str(int(NOW.timestamp()) + 30),
    }
    gitlab.server.interceptor = lambda _: Response(200, headers, json.dumps([entry("v1")]).encode())
    first, second = gitlab.ask(TOOL, CTADIRAC)
    assert first.error is None
    assert isinstance(second.error, RateLimited)
    assert second.error.retry_at == NOW + timedelta(seconds=30)
    assert "rate limit almost exceeded" in str(second.error)
    assert len(gitlab.server.requests) == 1


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
    assert "changed while being read" in str(answer.error)
    assert answer.requests == 2


def test_a_list_shorter_than_its_total_is_not_believed(gitlab: Side) -> None:
    short = Response(200, {**JSON, "x-total": "3"}, json.dumps([entry("v1")]).encode())
    whole = Response(200, {**JSON, "x-total": "1"}, json.dumps([entry("v1")]).encode())
    answers = iter([short, whole])
    gitlab.server.interceptor = lambda _: next(answers, whole)
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
