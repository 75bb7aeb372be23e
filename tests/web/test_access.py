"""Who may look at the pages."""

from base64 import b64encode
from collections.abc import Iterable

import pytest
from werkzeug.test import Client

from bot.web.access import Guarded


def anything(_: object, start_response: object) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
    return [b"a page"]


def basic(token: str) -> str:
    return "Basic " + b64encode(f"anybody:{token}".encode()).decode()


def status(headers: dict[str, str], *, token: str | None = None, user_header: str | None = None) -> int:
    return Client(Guarded(anything, token, user_header)).get("/", headers=headers).status_code


@pytest.mark.parametrize("sent", ["Bearer s3cret", "bearer s3cret", basic("s3cret")])
def test_the_token_opens_the_pages_as_bearer_or_as_password(sent: str) -> None:
    assert status({"Authorization": sent}, token="s3cret") == 200


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "s3cret", "Basic s3cret", "Basic é", basic("")]
)
def test_anything_else_is_refused_and_the_browser_asks(sent: str) -> None:
    answer = Client(Guarded(anything, "s3cret", None)).get("/", headers={"Authorization": sent})
    assert (answer.status_code, answer.text) == (401, "sign in to look\n")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_the_header_of_a_trusted_proxy_is_enough() -> None:
    named = {"X-Forwarded-User": "jdoe"}
    assert status(named, user_header="X-Forwarded-User") == 200
    assert status({"X-Forwarded-User": " "}, user_header="X-Forwarded-User") == 401
    assert status({}, user_header="X-Forwarded-User") == 401
    assert status(named, token="s3cret") == 401
    assert status(named, token="s3cret", user_header="X-Forwarded-User") == 200
    assert status({"Authorization": "Bearer s3cret"}, token="s3cret", user_header="X-Forwarded-User") == 200


def test_without_either_anybody_may_look() -> None:
    assert status({}) == 200
