from collections.abc import Callable

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository
from tests.demo.recorded.support import TOKEN, Client, HandClock, a_light_tag

REFS = "/repos/lab/tool/git/matching-refs/tags/"


def test_an_unchanged_answer_is_not_sent_again(client: Client) -> None:
    etag = client.get(REFS).headers["etag"]
    again = client.get(REFS, If_None_Match=etag)
    assert etag.startswith('W/"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(REFS, If_None_Match='W/"other"').status_code == 200


def test_another_server_of_the_same_tags_has_the_same_etag(
    client: Client, project: RecordedRepository, clock: HandClock
) -> None:
    other = Client("")
    with RecordedGitHub([project], tokens=[TOKEN], now=clock) as server, other.session:
        for path in (REFS, "/repos/lab/tool"):
            etag = other.get(f"{server.url}{path}").headers["etag"]
            assert client.get(path, If_None_Match=etag).status_code == 304


@pytest.mark.parametrize(
    "change",
    [
        lambda tags: tags.update(v3=a_light_tag("v3")),
        lambda tags: tags.update(v1=a_light_tag("v2")),
        lambda tags: tags.pop("v1"),
    ],
    ids=["added", "moved", "deleted"],
)
def test_a_change_of_the_tags_changes_the_etag(
    client: Client, project: RecordedRepository, change: Callable[[dict[str, object]], object]
) -> None:
    etag = client.get(REFS).headers["etag"]
    change(project.tags)  # type: ignore[arg-type]  # the changes are told as functions of any dict
    changed = client.get(REFS, If_None_Match=etag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


def test_each_token_has_its_own_etag(client: Client) -> None:
    etag = client.get(REFS).headers["etag"]
    assert client.get(REFS, Authorization="token other", If_None_Match=etag).status_code == 200


def test_a_304_is_free_with_a_token(client: Client) -> None:
    etag = client.get(REFS).headers["etag"]
    assert client.get(REFS, If_None_Match=etag).headers["x-ratelimit-used"] == "1"
    assert client.get(REFS).headers["x-ratelimit-used"] == "2"


def test_a_304_costs_as_much_as_any_answer_without_a_token(client: Client) -> None:
    anonymous = client.anonymous()
    etag = anonymous.get(REFS).headers["etag"]
    again = anonymous.get(REFS, If_None_Match=etag)
    assert (again.status_code, again.headers["x-ratelimit-used"]) == (304, "2")


def test_the_limit_is_told_on_every_answer(client: Client) -> None:
    headers = client.get("/repos/lab/gone").headers
    told = {name: headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "used", "reset", "resource")}
    assert told == {"limit": "5000", "remaining": "4999", "used": "1", "reset": "1613998800", "resource": "core"}


def test_sixty_anonymous_requests_an_hour_and_no_more(client: Client, clock: HandClock) -> None:
    anonymous = client.anonymous()
    assert {anonymous.get("/repos/lab/tool/git/ref/tags/v1").status_code for _ in range(60)} == {200}
    refused = anonymous.get(REFS)
    assert refused.status_code == 403
    assert refused.json()["message"].startswith("API rate limit exceeded for 127.0.0.1")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert client.get(REFS).status_code == 200
    clock.advance(hours=1)
    assert anonymous.get(REFS).headers["x-ratelimit-remaining"] == "59"


def test_asking_for_the_limit_costs_nothing(client: Client) -> None:
    client.get(REFS)
    for _ in range(2):
        told = client.get("/rate_limit").json()
        assert told["rate"] == {"limit": 5000, "remaining": 4999, "reset": 1613998800, "used": 1}
        assert told["resources"]["core"] == told["rate"]
        assert told["resources"]["graphql"]["used"] == 0


def test_an_unknown_token_is_refused_at_the_cost_of_the_anonymous(client: Client) -> None:
    refused = client.get(REFS, Authorization="Bearer stolen")
    assert refused.status_code == 401
    assert (refused.json()["message"], refused.json()["status"]) == ("Bad credentials", "401")
    assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-used"]) == ("60", "1")


def test_a_spent_token_is_refused_in_rest_by_403_and_in_graphql_by_200(
    project: RecordedRepository, clock: HandClock
) -> None:
    with RecordedGitHub([project], tokens=[TOKEN], limit=1, now=clock) as server:
        client = Client(server.url)
        assert [client.get(REFS).status_code for _ in range(2)] == [200, 403]
        assert "errors" not in client.query("{ rateLimit { cost } }")
        spent = client.query("{ rateLimit { cost } }")
        client.session.close()
    assert spent["errors"][0]["type"] == "RATE_LIMITED"
    assert "data" not in spent
