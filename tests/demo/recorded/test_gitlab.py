import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from tests.demo.recorded.support import NOON, TOKEN, Client, HandClock, a_light_tag, an_annotated_tag, an_oid

TOOL = "/projects/lab%2Ftool"
CTADIRAC = "/projects/cta-computing%2Fdpps%2Fworkload%2FCTADIRAC/repository/tags"


def names(client: Client, path: str) -> list[str]:
    return [tag["name"] for tag in client.get(path).json()]


def following(link: str) -> str:
    found = re.search(r'<([^>]+)>; rel="next"', link)
    return found[1] if found else ""


def walk(client: Client, path: str) -> list[list[str]]:
    pages, url = [], path
    while url:
        answer = client.get(url)
        pages.append([tag["name"] for tag in answer.json()])
        url = following(answer.headers.get("link", ""))
    return pages


def test_offset_pages_hold_every_tag_once(lab: Client) -> None:
    pages = walk(lab, f"{CTADIRAC}?per_page=100")
    assert [len(page) for page in pages] == [100, 100, 100, 23]
    assert len({name for page in pages for name in page}) == 323


def test_offset_pages_tell_where_they_are(lab: Client) -> None:
    headers = lab.get(f"{CTADIRAC}?page=2").headers
    told = {
        name: headers[f"x-{name}"] for name in ("total", "total-pages", "page", "per-page", "next-page", "prev-page")
    }
    assert told == {
        "total": "323",
        "total-pages": "17",
        "page": "2",
        "per-page": "20",
        "next-page": "3",
        "prev-page": "1",
    }
    assert lab.get(f"{CTADIRAC}?page=17").headers["x-next-page"] == ""
    assert lab.get(f"{CTADIRAC}?per_page=500").headers["x-per-page"] == "100"


def test_keyset_pages_hold_every_tag_once_and_tell_no_total(lab: Client) -> None:
    pages = walk(lab, f"{CTADIRAC}?pagination=keyset&per_page=100&order_by=name&sort=asc")
    assert len({name for page in pages for name in page}) == sum(map(len, pages)) == 323
    assert "x-total" not in lab.get(f"{CTADIRAC}?pagination=keyset").headers


def test_a_full_last_keyset_page_leads_to_an_empty_one(lab: Client) -> None:
    path = f"{TOOL}/repository/tags?pagination=keyset&per_page=3"
    assert [len(page) for page in walk(lab, path)] == [3, 0]


def test_a_keyset_page_goes_on_after_its_token_whatever_was_added(lab: Client, project: RecordedRepository) -> None:
    first = lab.get(f"{TOOL}/repository/tags?pagination=keyset&per_page=2&order_by=name&sort=asc")
    project.put(a_light_tag("v0"))
    assert names(lab, following(first.headers["link"])) == ["v2"]


def test_a_page_token_that_is_no_tag_is_refused(lab: Client) -> None:
    assert lab.get(f"{TOOL}/repository/tags?pagination=keyset&page_token=v9").status_code == 422


def test_tags_are_ordered_as_asked(lab: Client, project: RecordedRepository) -> None:
    project.put(an_annotated_tag("v1", NOON, NOON + timedelta(days=1)))
    tags = f"{TOOL}/repository/tags"
    assert names(lab, tags)[0] == "v1"
    assert names(lab, f"{tags}?sort=asc")[-1] == "v1"
    assert names(lab, f"{tags}?order_by=name") == ["v2", "v10", "v1"]
    assert names(lab, f"{tags}?order_by=version") == ["v10", "v2", "v1"]


@pytest.mark.parametrize(("search", "found"), [("^v1", ["v10", "v1"]), ("0$", ["v10"]), ("V2", ["v2"]), ("x", [])])
def test_tags_are_searched_by_beginning_end_or_part(lab: Client, search: str, found: list[str]) -> None:
    assert names(lab, f"{TOOL}/repository/tags?order_by=version&search={search}") == found


@pytest.mark.parametrize("query", ["order_by=age", "sort=up", "page=x", "page=0", "per_page=0"])
def test_nonsense_in_the_query_is_refused(lab: Client, query: str) -> None:
    answer = lab.get(f"{TOOL}/repository/tags?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["error"]


def test_an_annotated_tag_has_its_own_date_and_target_and_a_light_one_its_commits(
    lab: Client, project: RecordedRepository
) -> None:
    winter = datetime.fromisoformat("2021-01-18T23:18:43+01:00")
    project.put(an_annotated_tag("noted", winter, winter + timedelta(minutes=1)), a_light_tag("light", winter))
    noted = lab.get(f"{TOOL}/repository/tags/noted").json()
    light = lab.get(f"{TOOL}/repository/tags/light").json()
    assert (noted["target"], noted["commit"]["id"]) == (an_oid("object noted"), an_oid("noted"))
    assert noted["created_at"] == "2021-01-18T23:19:43.000+01:00"
    assert light["target"] == light["commit"]["id"] == an_oid("light")
    assert light["created_at"] is None
    assert light["commit"]["committed_date"] == "2021-01-18T23:18:43.000+01:00"


def test_a_tag_on_a_blob_has_no_commit(lab: Client, project: RecordedRepository) -> None:
    project.put(RecordedTag("key", an_oid("key"), NOON, target_type="blob"))
    assert lab.get(f"{TOOL}/repository/tags/key").json()["commit"] is None


def test_releases_are_told_by_date_and_on_their_tags(lab: Client, project: RecordedRepository) -> None:
    for day, name in enumerate(("v2", "v1")):
        project.releases[name] = RecordedRelease(name, NOON + timedelta(days=day))
    project.releases["next"] = RecordedRelease("next", None, draft=True)
    answer = lab.get(f"{TOOL}/releases")
    told: list[dict[str, Any]] = answer.json()
    assert [(one["tag_name"], one["released_at"]) for one in told] == [
        ("v1", "2021-02-23T12:00:00.000+00:00"),
        ("v2", "2021-02-22T12:00:00.000+00:00"),
    ]
    assert answer.headers["x-total"] == "2"
    assert lab.get(f"{TOOL}/releases/v1").json() == told[0]
    assert lab.get(f"{TOOL}/repository/tags/v1").json()["release"] == {"tag_name": "v1", "description": ""}
    assert lab.get(f"{TOOL}/repository/tags/v10").json()["release"] is None


def test_a_project_is_found_by_path_and_by_number(lab: Client) -> None:
    told = lab.get(TOOL).json()
    assert told["path_with_namespace"] == "lab/tool"
    assert lab.get(f"/projects/{told['id']}").json() == told


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects/lab%2Fgone", {"message": "404 Project Not Found"}),
        ("/projects/lab%2Fgone/repository/tags", {"message": "404 Project Not Found"}),
        (f"{TOOL}/repository/tags/v9", {"message": "404 Tag Not Found"}),
        (f"{TOOL}/releases/v9", {"message": "404 Not Found"}),
        (f"{TOOL}/nonsense", {"error": "404 Not Found"}),
        ("/nonsense", {"error": "404 Not Found"}),
    ],
)
def test_what_is_not_there_is_told_as_gitlab_does(lab: Client, path: str, body: dict[str, str]) -> None:
    answer = lab.get(path)
    assert (answer.status_code, answer.json()) == (404, body)


def test_a_token_is_taken_from_either_header_and_a_wrong_one_refused(lab: Client) -> None:
    anonymous = lab.anonymous()
    assert lab.get("/version").json()["version"]
    assert anonymous.get("/version", PRIVATE_TOKEN=TOKEN).status_code == 200
    assert anonymous.get("/version").status_code == 401
    assert anonymous.get(TOOL).status_code == 200
    refused = anonymous.get(TOOL, PRIVATE_TOKEN="stolen")
    assert (refused.status_code, refused.json()) == (401, {"message": "401 Unauthorized"})


def test_the_limit_is_told_and_kept(lab: Client, gitlab: RecordedGitLab, clock: HandClock) -> None:
    headers = lab.get(TOOL).headers
    told = {name: headers[f"ratelimit-{name}"] for name in ("limit", "observed", "remaining", "reset")}
    assert told == {"limit": "2000", "observed": "1", "remaining": "1999", "reset": "1613995260"}
    while gitlab._quotas.take(gitlab._quotas.of(TOKEN, "throttle_authenticated_api", clock())):
        pass
    refused = lab.get(TOOL)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    clock.advance(minutes=1)
    assert lab.get(TOOL).status_code == 200


def test_an_unchanged_answer_is_not_sent_again(lab: Client, project: RecordedRepository) -> None:
    etag = lab.get(f"{TOOL}/repository/tags").headers["etag"]
    assert lab.get(f"{TOOL}/repository/tags", If_None_Match=etag).status_code == 304
    del project.tags["v1"]
    assert lab.get(f"{TOOL}/repository/tags", If_None_Match=etag).status_code == 200


def test_only_reading_is_served(lab: Client) -> None:
    assert lab.session.post(lab.base + TOOL, timeout=5).status_code == 405


def test_another_server_of_the_same_project_has_the_same_etag(
    lab: Client, project: RecordedRepository, clock: HandClock
) -> None:
    other = Client("")
    with RecordedGitLab([project], tokens=[TOKEN], now=clock) as server, other.session:
        etag = other.get(f"{server.url}/api/v4{TOOL}").headers["etag"]
    assert lab.get(TOOL, If_None_Match=etag).status_code == 304
