"""What every forge promises, whichever it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.recorded.history import RecordedRelease, RecordedTag
from bot.demo.recorded.server import Drop, Fault, Response, Truncate
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.services.ports import (
    ForgeError,
    ForgeUnavailable,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from tests.forges.conftest import MADE, NOW, TOKEN, Side, after, commit_id, slow_server
from tests.forges.sides import KINDS, Host, ask, made_host

DAY = timedelta(days=1)
TOOL, NONE = PollRequest("team/tool"), PollRequest("team/none")
JSON = {"content-type": "application/json"}
LOOKS = pytest.mark.parametrize("look", PollDepth)
WITH_OR_WITHOUT_TOKEN = pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "anonymous"])


@pytest.fixture(params=KINDS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A forge of each kind, and the fake that stands for them in other tests, with two repositories without tags."""
    with made_host(request.param, tmp_path) as empty:
        yield with_repositories(empty)


def with_repositories(host: Host) -> Host:
    host.make(TOOL.path)
    host.make(NONE.path)
    return host


def some_tags(host: Host) -> dict[TagRef, TagDetails]:
    """Put a light tag, an annotated one, one on the same commit, and one with an odd name."""
    return dict([
        host.put(TOOL.path, "v1r0", 1, MADE),
        host.put(TOOL.path, "v1r1", 2, MADE + DAY, tagged=MADE + 2 * DAY),
        host.put(TOOL.path, "rel/v1r2", 2, MADE + DAY),
        host.put(TOOL.path, "größe+1", 4, MADE),
    ])  # fmt: skip


def by_name(held: Mapping[TagRef, TagDetails]) -> dict[str, TagDetails]:
    return {ref.name: details for ref, details in held.items()}


def test_every_tag_comes_with_its_target_and_its_dates(host: Host) -> None:
    held = some_tags(host)
    [answer] = ask(host, TOOL)
    assert answer.error is None
    assert set(answer.refs or ()) == held.keys()
    assert dict(answer.details) == by_name(held)
    assert (answer.look, answer.requests >= 1) == (PollDepth.COMPLETE, True)


def test_a_repository_without_tags_has_none_and_that_is_no_error(host: Host) -> None:
    [answer] = ask(host, NONE)
    assert (answer.refs, answer.error, dict(answer.details)) == ((), None, {})


@LOOKS
def test_asked_again_nothing_has_changed(host: Host, look: PollDepth) -> None:
    held = some_tags(host)
    [first] = ask(host, TOOL)
    [again] = ask(host, after(first, look))
    assert again.error is None
    assert again.look >= look
    assert again.refs is None or set(again.refs) == held.keys()
    assert by_name(held).items() >= dict(again.details).items()


@pytest.mark.parametrize("host", ["github", "git", "fake"], indirect=True)
def test_what_did_not_change_is_not_listed_again_but_by_gitlab_which_knows_no_condition(host: Host) -> None:
    some_tags(host)
    [first] = ask(host, TOOL)
    [again] = ask(host, after(first))
    assert (again.refs, dict(again.details)) == (None, {})


@LOOKS
def test_what_was_not_polled_before_is_listed_whole_whatever_the_look(host: Host, look: PollDepth) -> None:
    held = some_tags(host)
    [answer] = ask(host, replace(TOOL, look=look))
    assert set(answer.refs or ()) == held.keys()


@LOOKS
def test_a_new_tag_is_found_by_every_look(host: Host, look: PollDepth) -> None:
    held = some_tags(host)
    [first] = ask(host, TOOL)
    [seen] = ask(host, after(first, PollDepth.QUICK))
    ref, details = host.put(TOOL.path, "v2r0", 9, MADE + 9 * DAY)
    [second] = ask(host, after(first, look, head=seen.head))
    assert set(second.refs or ()) == {*held, ref}
    assert second.details["v2r0"] == details


@pytest.mark.parametrize("look", [PollDepth.COMPLETE, PollDepth.FULL])
def test_a_tag_on_an_old_commit_a_moved_one_and_a_deleted_one_are_found(host: Host, look: PollDepth) -> None:
    held = some_tags(host)
    [first] = ask(host, TOOL)
    old, moved = host.put(TOOL.path, "v0r9", 9, MADE - 3650 * DAY), host.put(TOOL.path, "v1r0", 8, MADE + 9 * DAY)
    host.drop(TOOL.path, "rel/v1r2")
    [second] = ask(host, after(first, look))
    left = {ref for ref in held if ref.name not in ("v1r0", "rel/v1r2")}
    assert set(second.refs or ()) == left | {old[0], moved[0]}
    assert (second.details["v0r9"], second.details["v1r0"]) == (old[1], moved[1])


def test_a_full_look_lists_every_tag_though_nothing_changed(host: Host) -> None:
    held = some_tags(host)
    [first] = ask(host, TOOL)
    [full] = ask(host, after(first, PollDepth.FULL))
    assert set(full.refs or ()) == held.keys()
    assert full.look is PollDepth.FULL


def test_dates_that_are_not_known_are_asked_for_though_nothing_changed(host: Host) -> None:
    held = some_tags(host)
    [first] = ask(host, TOOL)
    [again] = ask(host, after(first, missing=["v1r1"]))
    assert again.details["v1r1"] == by_name(held)["v1r1"]


def test_an_unknown_repository_is_told_and_the_others_are_answered(host: Host) -> None:
    some_tags(host)
    missing, fine = ask(host, PollRequest("team/nowhere"), TOOL)
    assert isinstance(missing.error, RepositoryNotFound)
    assert missing.error.where == "forge:team/nowhere"
    assert missing.refs is None
    assert fine.error is None


def only(answers: list[PollAnswer]) -> PollAnswer:
    [answer] = answers
    return answer


def test_every_tag_comes_with_its_release_object_too(side: Side) -> None:
    answer = only(side.ask(TOOL))
    light, published = (answer.details[name] for name in ("v1r0", "v1.1.0"))
    assert (light.published, published.published) == (None, MADE + timedelta(days=1))


@WITH_OR_WITHOUT_TOKEN
def test_a_release_object_that_follows_its_tag_is_found_by_a_full_look(side: Side, token: str | None) -> None:
    releases = side.repositories["team/tool"].releases
    first = only(side.ask(TOOL, token=token))
    for name, published in (("v1r0", MADE + 6 * DAY), ("v1r1", NOW + 3650 * DAY), ("v1.1.0", MADE + 2 * DAY)):
        releases[name] = RecordedRelease(name, published)
    full = only(side.ask(after(first, PollDepth.FULL), token=token))
    assert (full.error, full.look, full.notice) == (None, PollDepth.FULL, "")
    expected = {name: replace(told, published=releases[name].published) for name, told in first.details.items()
                if name in releases}  # fmt: skip
    assert {name: full.details[name] for name in releases} == expected
    assert {**first.details, **full.details} == {**first.details, **expected}


@WITH_OR_WITHOUT_TOKEN
def test_a_release_object_that_is_gone_is_found_by_a_full_look(side: Side, token: str | None) -> None:
    first = only(side.ask(TOOL, token=token))
    side.repositories["team/tool"].releases.clear()
    full = only(side.ask(after(first, PollDepth.FULL), token=token))
    assert full.details["v1.1.0"] == replace(first.details["v1.1.0"], published=None)


def test_a_refused_token_is_told_and_not_shown(side: Side) -> None:
    answer = only(side.ask(TOOL, token="revoked-s3cret"))
    assert isinstance(answer.error, TokenRefused)
    assert "s3cret" not in str(answer.error)


@pytest.mark.parametrize(
    ("sent", "kind", "words"),
    [
        (Response(500, JSON, b"{}"), ForgeUnavailable, "returned HTTP 500"),
        (Response(502, {"content-type": "text/html"}, b"<html>"), ForgeUnavailable, "returned HTTP 502"),
        (Response(200, {"content-type": "text/html"}, b"<html>maintenance</html>"), ForgeUnavailable, "invalid JSON"),
        (Response(200, JSON, b""), ForgeUnavailable, "invalid JSON"),
        (Response(200, JSON, b'[{"ref": "refs/ta'), ForgeUnavailable, "invalid JSON"),
        (Response(200, JSON, b'{"message": "hello"}'), ForgeUnavailable, "is not a list"),
        (Response(200, JSON, b'[{"name": "x"}]'), ForgeUnavailable, "an invalid entry"),
        (Response(200, JSON, b'["x", null, 7]'), ForgeUnavailable, "an invalid entry"),
        (Response(403, JSON, b'{"message": "SAML enforced"}'), TokenRefused, ""),
        (Response(410, JSON, b"{}"), RepositoryNotFound, "not found on Git"),
        (Response(451, JSON, b"{}"), RepositoryNotFound, "not found on Git"),
        (Response(429, {**JSON, "retry-after": "90"}, b"{}"), RateLimited, "rate limit exceeded until 09:01 UTC"),
        (Response(429, JSON, b"{}"), RateLimited, "rate limit exceeded"),
        (Drop(), ForgeUnavailable, "connection closed"),
        (Truncate(20), ForgeUnavailable, "cut short"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:40]) if not isinstance(value, str) else "",
)
def test_each_trouble_is_an_error_of_its_kind_and_never_a_list_without_tags(
    side: Side, sent: Response | Fault, kind: type[ForgeError], words: str
) -> None:
    side.server.interceptor = lambda _: sent
    answer = only(side.ask(TOOL))
    assert isinstance(answer.error, kind)
    assert words in str(answer.error)
    assert answer.refs is None
    assert answer.requests >= 1


def test_a_forge_that_does_not_answer_in_time_is_left(side: Side) -> None:
    with slow_server(b"", b"") as url:
        forge = side.make("forge", url, "any", timeout=0.2, now=lambda: NOW)
        answer = only(list(forge.poll([TOOL])))
        forge.close()
    assert isinstance(answer.error, ForgeUnavailable)
    assert ": timed out" in str(answer.error)


def test_a_passing_fault_is_got_over(side: Side) -> None:
    answers = iter([Response(503, JSON, b"{}")])
    side.server.interceptor = lambda _: next(answers, None)
    assert only(side.ask(TOOL)).error is None


def test_after_a_spent_limit_the_forge_is_left_alone(side: Side) -> None:
    side.server.interceptor = lambda _: Response(429, {**JSON, "retry-after": "3600"}, b"{}")
    first, second = side.ask(TOOL, PollRequest("team/none"))
    assert isinstance(first.error, RateLimited)
    assert isinstance(second.error, RateLimited)
    assert second.error.where == "forge:team/none"
    assert first.error.retry_at == NOW + timedelta(hours=1)
    assert second.requests == 0
    assert len(side.server.requests) == 1


def test_a_forge_that_cannot_be_reached_is_told(side: Side) -> None:
    forge = side.make("forge", "http://127.0.0.1:1", "any", timeout=1, now=lambda: NOW)
    answer = only(list(forge.poll([TOOL])))
    forge.close()
    assert isinstance(answer.error, ForgeUnavailable)
    assert "connection refused" in str(answer.error)


def test_a_repository_is_known_by_an_id_and_another_at_its_path_has_another(side: Side) -> None:
    repository = side.repositories["team/tool"]
    first = only(side.ask(TOOL))
    assert first.identity.isdecimal()
    quick = only(side.ask(after(first, PollDepth.QUICK)))
    assert quick.identity in {"", first.identity}
    repository.identity = "another"
    repository.put(RecordedTag("v2r0", commit_id(7), MADE + timedelta(days=30)))
    for look in PollDepth:
        answer = only(side.ask(after(first, look, head=quick.head)))
        assert answer.identity.isdecimal()
        assert answer.identity != first.identity


def test_another_repository_with_the_same_tags_is_found_out_by_a_full_look(side: Side) -> None:
    first = only(side.ask(TOOL))
    side.repositories["team/tool"].identity = "another"
    answer = only(side.ask(after(first, PollDepth.FULL)))
    assert answer.identity not in {"", first.identity}


def test_a_path_that_is_contested_is_asked_for_its_id_whatever_it_lists(side: Side) -> None:
    first = only(side.ask(TOOL))
    answer = only(side.ask(replace(after(first), is_contested=True)))
    assert answer.identity == first.identity


@pytest.mark.parametrize("token", [TOKEN, None])
@pytest.mark.parametrize("path", [TOOL.path, NONE.path])
def test_a_first_poll_that_may_continue_a_history_tells_the_id(side: Side, path: str, token: str | None) -> None:
    known = only(side.ask(PollRequest(path, PollDepth.FULL))).identity
    assert known.isdecimal()
    assert only(side.ask(PollRequest(path, may_be_known=True), token=token)).identity == known
