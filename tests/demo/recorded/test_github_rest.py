import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from tests.demo.recorded.support import NOON, Client, a_light_tag, an_annotated_tag, an_oid

REFS = "/repos/lab/tool/git/matching-refs/tags/"
DIRAC = "/repos/DIRACGrid/DIRAC"


def names(client: Client, path: str = REFS) -> list[str]:
    return [ref["ref"].removeprefix("refs/tags/") for ref in client.get(path).json()]


def relations(link: str) -> Mapping[str, str]:
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', link)}


@pytest.mark.parametrize("prefix", ["tags", "tags/", "tags%2F", "tags/?per_page=2&page=9"])
def test_matching_refs_is_one_answer_in_the_order_of_the_refs(client: Client, prefix: str) -> None:
    assert names(client, REFS.removesuffix("tags/") + prefix) == ["v1", "v10", "v2"]


def test_matching_refs_narrows_by_the_beginning_of_the_name(client: Client) -> None:
    assert names(client, f"{REFS}v1") == ["v1", "v10"]
    assert names(client, f"{REFS}v3") == []
    assert names(client, "/repos/lab/tool/git/matching-refs/heads/") == []


def test_a_ref_names_the_tag_object_of_an_annotated_tag_and_the_commit_of_a_light_one(client: Client) -> None:
    light, annotated, _ = client.get(REFS).json()
    assert light["object"] == {
        "sha": an_oid("v1"),
        "type": "commit",
        "url": f"{client.base}/repos/lab/tool/git/commits/{an_oid('v1')}",
    }
    assert annotated["object"]["type"] == "tag"
    assert client.get(annotated["object"]["url"]).json()["object"]["sha"] == an_oid("v10")


def test_all_tags_of_dirac_come_in_one_answer_and_quickly(dirac: Client) -> None:
    dirac.get(f"{DIRAC}/git/matching-refs/tags")
    answer = dirac.get(f"{DIRAC}/git/matching-refs/tags")
    assert len(answer.json()) == 1114
    assert "link" not in answer.headers
    assert answer.elapsed < timedelta(milliseconds=500)


def test_pages_of_tags_lead_through_all_of_them(dirac: Client) -> None:
    seen, url = [], f"{DIRAC}/tags?per_page=100"
    while url:
        answer = dirac.get(url)
        seen += [tag["name"] for tag in answer.json()]
        url = relations(answer.headers["link"]).get("next", "")
    assert len(seen) == len(set(seen)) == 1114


def test_the_link_header_knows_first_previous_next_and_last(dirac: Client) -> None:
    middle = relations(dirac.get(f"{DIRAC}/tags?per_page=100&page=2").headers["link"])
    assert {name: url[-7:] for name, url in middle.items()} == {
        "prev": "&page=1",
        "next": "&page=3",
        "last": "page=12",
        "first": "&page=1",
    }
    assert set(relations(dirac.get(f"{DIRAC}/tags").headers["link"])) == {"next", "last"}
    assert set(relations(dirac.get(f"{DIRAC}/tags?per_page=100&page=12").headers["link"])) == {"prev", "first"}


def test_a_page_has_thirty_items_unless_asked_and_never_more_than_a_hundred(dirac: Client) -> None:
    assert len(dirac.get(f"{DIRAC}/tags").json()) == 30
    assert len(dirac.get(f"{DIRAC}/tags?per_page=1000").json()) == 100
    assert dirac.get(f"{DIRAC}/tags?page=99").json() == []


def test_a_short_list_has_no_link_header(client: Client) -> None:
    answer = client.get("/repos/lab/tool/tags")
    assert "link" not in answer.headers
    assert [tag["name"] for tag in answer.json()] == ["v10", "v2", "v1"]
    assert answer.json()[0]["commit"]["sha"] == an_oid("v10")


def test_a_tag_object_tells_its_date_in_utc(client: Client, project: RecordedRepository) -> None:
    project.put(an_annotated_tag("v3", NOON, NOON + timedelta(hours=1)))
    tag = client.get(f"/repos/lab/tool/git/tags/{an_oid('object v3')}").json()
    assert tag["tag"] == "v3"
    assert tag["tagger"]["date"] == "2021-02-22T13:00:00Z"


def test_a_tag_object_without_a_tagger_tells_none(client: Client, project: RecordedRepository) -> None:
    project.put(RecordedTag("old", an_oid("old"), NOON, tag_object=an_oid("object old")))
    assert client.get(f"/repos/lab/tool/git/tags/{an_oid('object old')}").json()["tagger"] is None


@pytest.mark.parametrize("path", ["git/commits", "commits"])
def test_a_commit_tells_the_committers_date(client: Client, path: str) -> None:
    told = client.get(f"/repos/lab/tool/{path}/{an_oid('v1')}").json()
    inner: dict[str, Any] = told.get("commit", told)
    assert told["sha"] == an_oid("v1")
    assert inner["committer"]["date"] == "2021-02-22T12:00:00Z"


def test_a_tag_on_a_blob_is_a_ref_but_no_listed_tag(client: Client, project: RecordedRepository) -> None:
    project.put(RecordedTag("key", an_oid("key"), NOON, target_type="blob"))
    assert client.get("/repos/lab/tool/git/ref/tags/key").json()["object"]["type"] == "blob"
    assert "key" not in {tag["name"] for tag in client.get("/repos/lab/tool/tags").json()}
    assert client.get(f"/repos/lab/tool/git/commits/{an_oid('key')}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/repos/lab/gone",
        "/repos/lab/gone/tags",
        "/repos/lab/tool/nonsense",
        "/repos/lab/tool/git/ref/tags/v9",
        "/repos/lab/tool/git/tags/" + "a" * 40,
        "/repos/lab/tool/releases/latest",
        "/repos/lab/tool/releases/tags/v1",
        "/repositories/1/tags",
        "/nonsense",
    ],
)
def test_what_is_not_there_is_a_basic_error(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"
    assert answer.json()["status"] == "404"
    assert answer.json()["documentation_url"].startswith("https://docs.github.com/rest")


def test_a_repository_without_a_commit_is_a_conflict_and_one_without_tags_an_empty_list(client: Client) -> None:
    answer = client.get("/repos/lab/empty/git/matching-refs/tags/")
    assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty.")
    assert client.get("/repos/lab/bare/git/matching-refs/tags/").json() == []


def test_a_repository_is_found_in_any_case_and_by_its_number(client: Client) -> None:
    told = client.get("/repos/LAB/Tool").json()
    assert told["full_name"] == "lab/tool"
    assert client.get(f"/repositories/{told['id']}").json() == told


def test_headers_are_those_of_the_real_one(client: Client) -> None:
    headers = client.get(REFS).headers
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["date"] == "Mon, 22 Feb 2021 12:00:00 GMT"
    assert headers["x-github-media-type"].startswith("github.v3")
    assert headers["x-github-api-version-selected"] == "2022-11-28"
    assert headers["x-github-request-id"] != client.get(REFS).headers["x-github-request-id"]


def test_releases_come_newest_first_and_drafts_to_writers_only(client: Client, project: RecordedRepository) -> None:
    project.put(a_light_tag("v3", NOON + timedelta(days=1)))
    for name, draft, prerelease in (("v1", False, False), ("v3", False, True), ("next", True, False)):
        published = None if draft else NOON + timedelta(days=2)
        project.releases[name] = RecordedRelease(name, published, draft=draft, prerelease=prerelease)
    told = client.get("/repos/lab/tool/releases").json()
    assert [one["tag_name"] for one in told] == ["v3", "v1", "next"]
    assert [one["published_at"] for one in told] == ["2021-02-24T12:00:00Z"] * 2 + [None]
    assert len(client.anonymous().get("/repos/lab/tool/releases").json()) == 2
    assert client.get("/repos/lab/tool/releases/latest").json()["tag_name"] == "v1"
    assert client.get("/repos/lab/tool/releases/tags/v3").json()["prerelease"]
    assert client.get("/repos/lab/tool/releases/tags/next").status_code == 404
