"""What every forge promises, whichever it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.recorded.history import RecordedTag
from bot.recorded.server import Drop, Fault, Response, Truncate
from bot.services.ports import (
    ForgeError,
    ForgeUnavailable,
    Look,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from tests.forges.conftest import MADE, NOW, Side, after, commit_id, slow_server

TOOL = PollRequest("team/tool")
JSON = {"content-type": "application/json"}


def only(answers: list[PollAnswer]) -> PollAnswer:
    [answer] = answers
    return answer


def test_every_tag_comes_with_every_date(side: Side) -> None:
    answer = only(side.ask(TOOL))
    assert answer.error is None
    assert answer.refs is not None
    assert {ref.name: (ref.target, ref.annotated) for ref in answer.refs} == {
        "v1r0": (commit_id(1), False),
        "v1r1": (commit_id(102), True),
        "v1.1.0": (commit_id(2), False),
        "rel/v1r2": (commit_id(3), False),
        "größe+1": (commit_id(4), False),
    }
    light, annotated, published = (answer.details[name] for name in ("v1r0", "v1r1", "v1.1.0"))
    assert (light.commit, light.committed, light.tagger, light.published) == (commit_id(1), MADE, None, None)
    assert (annotated.commit, annotated.tagger) == (commit_id(2), MADE + timedelta(hours=1))
    assert published.published == MADE + timedelta(days=1)
    assert set(answer.details) == {ref.name for ref in answer.refs}


def test_a_repository_without_tags_has_none_and_that_is_no_error(side: Side) -> None:
    answer = only(side.ask(PollRequest("team/none")))
    assert (answer.refs, answer.error) == ((), None)


def test_asked_again_nothing_has_changed(side: Side) -> None:
    first = only(side.ask(TOOL))
    again = only(side.ask(after(first)))
    assert again.error is None
    assert again.refs is None or set(again.refs) == set(first.refs or ())


def test_a_tag_on_an_old_commit_a_moved_one_and_a_deleted_one_are_found(side: Side) -> None:
    first = only(side.ask(TOOL))
    repository = side.repositories["team/tool"]
    old = RecordedTag("v0r9", commit_id(9), MADE - timedelta(days=3650))
    repository.put(old, replace(repository.tags["v1r0"], commit=commit_id(8)))
    del repository.tags["rel/v1r2"]
    second = only(side.ask(after(first)))
    targets = {ref.name: ref.target for ref in second.refs or ()}
    assert targets["v0r9"] == commit_id(9)
    assert targets["v1r0"] == commit_id(8)
    assert "rel/v1r2" not in targets
    assert second.details["v0r9"].committed == MADE - timedelta(days=3650)
    assert second.details["v1r0"].commit == commit_id(8)


def test_an_unknown_repository_is_told_and_the_others_are_answered(side: Side) -> None:
    missing, fine = side.ask(PollRequest("team/nowhere"), TOOL)
    assert isinstance(missing.error, RepositoryNotFound)
    assert missing.error.where == "forge:team/nowhere"
    assert missing.refs is None
    assert fine.error is None


def test_a_refused_token_is_told_and_not_shown(side: Side) -> None:
    answer = only(side.ask(TOOL, token="revoked-s3cret"))
    assert isinstance(answer.error, TokenRefused)
    assert "s3cret" not in str(answer.error)


@pytest.mark.parametrize(
    ("sent", "kind", "words"),
    [
        (Response(500, JSON, b"{}"), ForgeUnavailable, "answered 500"),
        (Response(502, {"content-type": "text/html"}, b"<html>"), ForgeUnavailable, "answered 502"),
        (Response(200, {"content-type": "text/html"}, b"<html>maintenance</html>"), ForgeUnavailable, "not JSON"),
        (Response(200, JSON, b""), ForgeUnavailable, "not JSON"),
        (Response(200, JSON, b'[{"ref": "refs/ta'), ForgeUnavailable, "not JSON"),
        (Response(200, JSON, b'{"message": "hello"}'), ForgeUnavailable, "is no list"),
        (Response(200, JSON, b'[{"name": "x"}]'), ForgeUnavailable, "an entry that is no tag"),
        (Response(200, JSON, b'["x", null, 7]'), ForgeUnavailable, "an entry that is no tag"),
        (Response(403, JSON, b'{"message": "SAML enforced"}'), TokenRefused, ""),
        (Response(410, JSON, b"{}"), RepositoryNotFound, "no such"),
        (Response(451, JSON, b"{}"), RepositoryNotFound, "no such"),
        (Response(429, {**JSON, "retry-after": "90"}, b"{}"), RateLimited, "rate limit is spent until 09:01 UTC"),
        (Response(429, JSON, b"{}"), RateLimited, "rate limit is spent"),
        (Drop(), ForgeUnavailable, "the connection was cut"),
        (Truncate(20), ForgeUnavailable, "broke off"),
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
    assert "did not answer in time" in str(answer.error)


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
    assert "the connection was refused" in str(answer.error)


def test_a_repository_is_known_by_an_id_and_another_at_its_path_has_another(side: Side) -> None:
    repository = side.repositories["team/tool"]
    first = only(side.ask(TOOL))
    assert first.identity.isdecimal()
    quick = only(side.ask(after(first, Look.QUICK)))
    assert quick.identity in {"", first.identity}
    repository.identity = "another"
    repository.put(RecordedTag("v2r0", commit_id(7), MADE + timedelta(days=30)))
    for look in Look:
        answer = only(side.ask(after(first, look, head=quick.head)))
        assert answer.identity.isdecimal()
        assert answer.identity != first.identity


def test_another_repository_with_the_same_tags_is_found_out_by_a_full_look(side: Side) -> None:
    first = only(side.ask(TOOL))
    side.repositories["team/tool"].identity = "another"
    answer = only(side.ask(after(first, Look.FULL)))
    assert answer.identity not in {"", first.identity}


def test_a_path_that_is_contested_is_asked_for_its_id_whatever_it_lists(side: Side) -> None:
    first = only(side.ask(TOOL))
    answer = only(side.ask(replace(after(first), is_contested=True)))
    assert answer.identity == first.identity
