"""GitLab's webhooks: the secret token, the signing token, and what they say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.polling.hooks import HookEvent, HookKind
from bot.forges.gitlab.hooks import GitLabHooks
from tests.builders import MONDAY

HOOKS = GitLabHooks()
# The example of the libraries for Standard Webhooks.
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT = datetime.fromtimestamp(1614265330, UTC)
SIGNED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_secret_token_is_compared() -> None:
    assert HOOKS.is_signed({"x-gitlab-token": "s3cret"}, b"", "s3cret", MONDAY)
    for wrong in ({}, {"x-gitlab-token": ""}, {"x-gitlab-token": "s3cre"}, {"x-gitlab-token": "s3cr\xe9t"}, SIGNED):
        assert not HOOKS.is_signed(wrong, b"", "s3cret", MONDAY)


def test_the_signature_is_that_of_the_id_the_moment_and_the_body() -> None:
    assert HOOKS.is_signed(SIGNED, BODY, SIGNING, SENT)
    several = f"v1,AAAA v1a,xxxx {SIGNED['webhook-signature']}"
    assert HOOKS.is_signed({**SIGNED, "webhook-signature": several}, BODY, SIGNING, SENT)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 15},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": SIGNED["webhook-signature"].removeprefix("v1,")},
        {"webhook-signature": ""},
        {"webhook-signature": f"{'v1,AAAA ' * 10}{SIGNED['webhook-signature']}"},
    ],
)
def test_nothing_else_is_signed(changed: dict[str, str]) -> None:
    assert not HOOKS.is_signed({**SIGNED, **changed}, BODY, SIGNING, SENT)
    assert not HOOKS.is_signed(SIGNED, BODY + b" ", SIGNING, SENT)
    assert not HOOKS.is_signed({"x-gitlab-token": SIGNING}, BODY, SIGNING, SENT)


def test_one_that_was_signed_long_ago_is_refused() -> None:
    for off in (timedelta(minutes=5), -timedelta(minutes=5)):
        assert HOOKS.is_signed(SIGNED, BODY, SIGNING, SENT + off)
        assert not HOOKS.is_signed(SIGNED, BODY, SIGNING, SENT + off * 1.01)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"object_kind": "tag_push", "ref": "refs/tags/v1.0.1"}, HookKind.TAGS),
        ({"object_kind": "release", "action": "create"}, HookKind.TAGS),
        ({"event_name": "tag_push"}, HookKind.TAGS),
        ({"object_kind": "push", "ref": "refs/heads/main"}, HookKind.OTHER),
        ({"event_name": "project_rename"}, HookKind.OTHER),
        ({}, HookKind.OTHER),
    ],
)
def test_what_brings_or_takes_a_tag_or_a_release_is_of_interest(payload: dict[str, Any], expected: HookKind) -> None:
    body = json.dumps({**payload, "project": {"id": 7, "path_with_namespace": "lhcb-dirac/LHCbDIRAC"}}).encode()
    assert HOOKS.event({}, body) == HookEvent(expected, "lhcb-dirac/LHCbDIRAC", "7")


def test_a_body_without_a_project_may_have_its_id() -> None:
    assert HOOKS.event({}, b'{"object_kind": "tag_push", "project_id": 7}') == HookEvent(HookKind.TAGS, "", "7")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"[" * 100_000])
def test_what_is_no_json_object_cannot_be_read(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a JSON object|codec"):
        HOOKS.event({}, body)
