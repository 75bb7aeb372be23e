"""GitHub's webhooks: what is signed, and what they say."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain.polling.hooks import HookEvent, HookKind
from bot.forges.github.hooks import GitHubHooks
from tests.builders import MONDAY

HOOKS = GitHubHooks()
# The example of GitHub's documentation.
SECRET, BODY = "It's a Secret to Everybody", b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
DIRAC = {"id": 4242, "full_name": "DIRACGrid/DIRAC"}


def event(kind: str, **payload: Any) -> HookEvent:
    body = json.dumps({"repository": DIRAC, **payload}).encode()
    return HOOKS.event({"x-github-event": kind, "content-type": "application/json"}, body)


def test_the_signature_is_that_of_the_secret_and_the_body() -> None:
    assert HOOKS.is_signed({"x-hub-signature-256": SIGNATURE}, BODY, SECRET, MONDAY)


@pytest.mark.parametrize(
    ("headers", "body", "secret"),
    [
        ({"x-hub-signature-256": SIGNATURE}, BODY, "another"),
        ({"x-hub-signature-256": SIGNATURE}, BODY + b" ", SECRET),
        ({"x-hub-signature-256": SIGNATURE.removeprefix("sha256=")}, BODY, SECRET),
        ({"x-hub-signature-256": SIGNATURE[:-1]}, BODY, SECRET),
        ({"x-hub-signature-256": "sha256=\xe9\xe9"}, BODY, SECRET),
        ({"x-hub-signature": SIGNATURE}, BODY, SECRET),
        ({}, BODY, SECRET),
    ],
)
def test_nothing_else_is_signed(headers: dict[str, str], body: bytes, secret: str) -> None:
    assert not HOOKS.is_signed(headers, body, secret, MONDAY)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("push", {"ref": "refs/tags/v7r1p29"}, HookKind.TAGS),
        ("push", {"ref": "refs/tags/v7r1p29", "deleted": True}, HookKind.TAGS),
        ("push", {"ref": "refs/heads/integration"}, HookKind.OTHER),
        ("create", {"ref": "v7r1p29", "ref_type": "tag"}, HookKind.TAGS),
        ("create", {"ref": "integration", "ref_type": "branch"}, HookKind.OTHER),
        ("delete", {"ref": "v7r1p29", "ref_type": "tag"}, HookKind.TAGS),
        ("release", {"action": "published"}, HookKind.TAGS),
        ("ping", {"zen": "Keep it logically awesome."}, HookKind.PING),
        ("issues", {"action": "opened"}, HookKind.OTHER),
    ],
)
def test_what_brings_or_takes_a_tag_or_a_release_is_of_interest(
    kind: str, payload: dict[str, Any], expected: HookKind
) -> None:
    assert event(kind, **payload) == HookEvent(expected, "DIRACGrid/DIRAC", "4242")


def test_a_form_says_the_same_as_json() -> None:
    payload = json.dumps({"ref_type": "tag", "repository": DIRAC})
    headers = {"x-github-event": "create", "content-type": "application/x-www-form-urlencoded"}
    assert HOOKS.event(headers, urlencode({"payload": payload}).encode()).kind is HookKind.TAGS


def test_an_organisation_s_ping_names_no_repository() -> None:
    body = json.dumps({"organization": {"login": "DIRACGrid"}}).encode()
    assert HOOKS.event({"x-github-event": "ping"}, body) == HookEvent(HookKind.PING)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_object_cannot_be_read(body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        with pytest.raises(ValueError, match=r"not a JSON object|codec"):
            HOOKS.event({"x-github-event": "push", "content-type": kind}, body)


@pytest.mark.parametrize("repository", [None, [], "DIRAC", {"full_name": 1, "id": "x"}])
def test_a_repository_of_another_form_is_none(repository: object) -> None:
    assert event("push", repository=repository) == HookEvent(HookKind.OTHER)
