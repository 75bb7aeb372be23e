"""The recorded GitHub's App: signatures checked, tokens given for an hour, what an installation may read."""

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.github_app import RecordedApp, RecordedInstallation
from tests import keys
from tests.demo.recorded.support import NOON, Client, HandClock, a_light_tag, a_project

TOKENS = "/app/installations/678/access_tokens"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def app() -> RecordedApp:
    return RecordedApp(12345, "dirac-releases", keys.public(), [RecordedInstallation(678, "lab")])


@pytest.fixture
def server(app: RecordedApp, clock: HandClock) -> Iterator[RecordedGitHub]:
    with RecordedGitHub([a_project(a_light_tag("v1r0"))], limit=10, now=clock) as made:
        made.app = app
        yield made


def signed(key: str = "first", algorithm: str = "RS256", **claims: object) -> str:
    moment = int(NOON.timestamp())
    told = {"iat": moment - 60, "exp": moment + 300, "iss": "12345", **claims}
    return jwt.encode({name: value for name, value in told.items() if value is not None}, keys.private(key), algorithm)


def post(server: RecordedGitHub, signature: str, body: object = None, path: str = TOKENS) -> requests.Response:
    headers = {"Authorization": f"Bearer {signature}"}
    return requests.post(server.url + path, data=json.dumps(body or {}), headers=headers, timeout=5)


def told(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


def a_token(server: RecordedGitHub) -> Any:
    answer = post(server, signed())
    assert answer.status_code == 201
    return answer.json()


def test_a_signed_request_is_given_a_token_for_an_hour(server: RecordedGitHub, clock: HandClock) -> None:
    given = a_token(server)
    assert given["expires_at"] == "2021-02-22T13:00:00Z"
    assert given["permissions"] == {"contents": "read", "issues": "read", "metadata": "read", "pull_requests": "read"}
    client = Client(server.url, given["token"])
    assert client.get("/repos/lab/tool/git/matching-refs/tags/").status_code == 200
    clock.advance(minutes=59, seconds=59)
    assert client.get("/repos/lab/tool").status_code == 200
    clock.advance(seconds=1)
    assert told(client.get("/repos/lab/tool")) == (401, "Bad credentials")


ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
ENDED = (
    "'Expiration time' claim ('exp') must be a numeric value representing "
    "the future time at which the assertion expires"
)
TOO_FAR = "'Expiration time' claim ('exp') is too far in the future"
NO_TOKEN = "A JSON web token could not be decoded"


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({"iat": int(NOON.timestamp()) + 1}, (401, ISSUED)),
        ({"iat": None}, (401, ISSUED)),
        ({"exp": int(NOON.timestamp())}, (401, ENDED)),
        ({"exp": None}, (401, ENDED)),
        ({"exp": int(NOON.timestamp()) + 601}, (401, TOO_FAR)),
        ({"iss": "1"}, (404, "Integration not found")),
        ({"key": "another"}, (401, NO_TOKEN)),
        ({"algorithm": "RS512"}, (401, NO_TOKEN)),
    ],
)
def test_a_signature_that_is_not_right_is_refused_in_githubs_words(
    server: RecordedGitHub, claims: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert told(post(server, signed(**claims))) == refusal


@pytest.mark.parametrize("signature", ["", "eyJ.eyJ.x", "ghs_12345_x"])
def test_what_is_no_signature_is_refused(server: RecordedGitHub, signature: str) -> None:
    assert told(post(server, signature)) == (401, NO_TOKEN)


def test_a_signature_of_ten_minutes_is_taken(server: RecordedGitHub) -> None:
    assert post(server, signed(exp=int(NOON.timestamp()) + 600, iat=int(NOON.timestamp()))).status_code == 201


def test_a_signature_reads_no_repository_and_a_token_nothing_of_the_app(server: RecordedGitHub) -> None:
    assert told(Client(server.url, signed()).get("/repos/lab/tool")) == (401, "Bad credentials")
    assert told(Client(server.url, a_token(server)["token"]).get("/app")) == (401, NO_TOKEN)


def test_the_app_and_its_installations_are_described(server: RecordedGitHub) -> None:
    client = Client(server.url, signed())
    assert (client.get("/app").json()["slug"], client.get("/app").json()["id"]) == ("dirac-releases", 12345)
    [listed] = client.get("/app/installations").json()
    assert (listed["id"], listed["account"]["login"], listed["suspended_at"]) == (678, "lab", None)
    assert client.get("/app/installations/678").json() == listed
    for nowhere in ("/app/installations/1", "/app/installations/x", "/app/elsewhere"):
        assert client.get(nowhere).status_code == 404
    assert post(server, signed(), path="/app").status_code == 404


def test_a_suspended_installation_is_given_nothing_and_shown_nothing(server: RecordedGitHub, app: RecordedApp) -> None:
    token = a_token(server)["token"]
    app.installations[678].suspended = NOON
    assert told(post(server, signed())) == (403, "This installation has been suspended")
    assert Client(server.url, token).get("/repos/lab/tool").status_code == 403
    assert Client(server.url, signed()).get("/app/installations/678").json()["suspended_at"] == "2021-02-22T12:00:00Z"


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        ("metadata", ""),
        ("contents", "/git/matching-refs/tags/"),
        ("contents", "/releases"),
        ("issues", "/issues?state=all"),
        ("issues", "/milestones"),
        ("pull_requests", "/pulls"),
    ],
)
def test_what_an_installation_may_not_read_is_refused(
    server: RecordedGitHub, app: RecordedApp, permission: str, path: str
) -> None:
    client = Client(server.url, a_token(server)["token"])
    assert client.get(f"/repos/lab/tool{path}").status_code == 200
    installation = app.installations[678]
    installation.permissions = {name: level for name, level in installation.permissions.items() if name != permission}
    assert told(client.get(f"/repos/lab/tool{path}")) == (403, "Resource not accessible by integration")


def test_a_token_may_be_asked_for_with_less_and_not_with_more(server: RecordedGitHub) -> None:
    assert post(server, signed(), {"permissions": {"contents": "read"}}).json()["permissions"] == {"contents": "read"}
    assert post(server, signed(), {"permissions": {"contents": "write"}}).status_code == 422


def test_an_installation_has_one_limit_whatever_its_token_and_the_app_another(server: RecordedGitHub) -> None:
    first, second = (Client(server.url, a_token(server)["token"]) for _ in range(2))
    assert first.get("/repos/lab/tool").headers["x-ratelimit-remaining"] == "9"
    assert second.get("/repos/lab/tool").headers["x-ratelimit-remaining"] == "8"
    assert post(server, signed()).headers["x-ratelimit-remaining"] == "7"
    assert first.get("/rate_limit").json()["rate"]["remaining"] == 8


def test_an_etag_belongs_to_a_token(server: RecordedGitHub) -> None:
    first, second = (Client(server.url, a_token(server)["token"]) for _ in range(2))
    etag = first.get("/repos/lab/tool").headers["etag"]
    assert first.get("/repos/lab/tool", if_none_match=etag).status_code == 304
    assert second.get("/repos/lab/tool", if_none_match=etag).status_code == 200


def test_without_an_app_there_is_none(server: RecordedGitHub) -> None:
    server.app = None
    assert Client(server.url, None).get("/app").status_code == 404
