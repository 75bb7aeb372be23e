from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.demo.recorded.github_graphql import schema
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from tests.demo.recorded.support import NOON, Client, a_light_tag, an_annotated_tag, an_oid

REFS = """
query($owner: String!, $name: String!, $first: Int, $after: String, $order: RefOrder) {
  repository(owner: $owner, name: $name) {
    refs(refPrefix: "refs/tags/", first: $first, after: $after, orderBy: $order) {
      totalCount
      pageInfo { endCursor hasNextPage }
      nodes {
        name
        target {
          __typename
          oid
          ... on Commit { committedDate }
          ... on Tag { tagger { date } target { oid ... on Commit { committedDate } } }
        }
      }
    }
  }
}
"""
TOOL = 'repository(owner: "lab", name: "tool")'


def refs(client: Client, **asked: Any) -> dict[str, Any]:
    told = client.query(REFS, **{"owner": "lab", "name": "tool", "first": 100} | asked)
    page: dict[str, Any] = told["data"]["repository"]["refs"]
    return page


def names(page: dict[str, Any]) -> list[str]:
    return [node["name"] for node in page["nodes"]]


def only_error(told: dict[str, Any]) -> dict[str, Any]:
    [error] = told["errors"]
    found: dict[str, Any] = error
    return found


def test_twelve_pages_hold_all_tags_of_dirac(dirac: Client) -> None:
    seen: list[str] = []
    pages, after, more = 0, None, True
    while more:
        page = refs(dirac, owner="DIRACGrid", name="DIRAC", after=after)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        seen += names(page)
        pages += 1
    assert pages == 12
    assert len(seen) == len(set(seen)) == page["totalCount"] == 1114


def test_a_light_tag_has_its_commits_date_in_utc_and_an_annotated_one_the_taggers_as_written(
    client: Client, project: RecordedRepository
) -> None:
    winter = datetime.fromisoformat("2021-01-18T23:18:43+01:00")
    project.tags.clear()
    project.put(a_light_tag("light", winter), an_annotated_tag("noted", winter, winter + timedelta(minutes=1)))
    light, noted = refs(client)["nodes"]
    assert light["target"] == {
        "__typename": "Commit",
        "oid": an_oid("light"),
        "committedDate": "2021-01-18T22:18:43Z",
    }
    assert noted["target"]["tagger"] == {"date": "2021-01-18T23:19:43+01:00"}
    assert noted["target"]["target"] == {"oid": an_oid("noted"), "committedDate": "2021-01-18T22:18:43Z"}


def test_a_tag_object_without_tagger_and_a_tag_on_a_blob_are_told(client: Client, project: RecordedRepository) -> None:
    project.tags.clear()
    project.put(RecordedTag("a", an_oid("a"), NOON, tag_object=an_oid("object a")))
    project.put(RecordedTag("b", an_oid("b"), NOON, target_type="blob"))
    project.put(RecordedTag("c", an_oid("c"), NOON, target_type="tree"))
    untold, blob, tree = refs(client)["nodes"]
    assert untold["target"]["tagger"] is None
    assert blob["target"] == {"__typename": "Blob", "oid": an_oid("b")}
    assert tree["target"] == {"__typename": "Tree", "oid": an_oid("c")}


def test_refs_come_by_name_unless_asked_by_date(client: Client, project: RecordedRepository) -> None:
    project.put(a_light_tag("v2", NOON + timedelta(days=1)))
    assert names(refs(client)) == ["v1", "v10", "v2"]
    for direction, first in (("DESC", "v2"), ("ASC", "v1")):
        page = refs(client, order={"field": "TAG_COMMIT_DATE", "direction": direction}, first=1)
        assert names(page) == [first]
        assert page["pageInfo"]["hasNextPage"]


def test_last_and_before_page_from_the_end(client: Client) -> None:
    ask = f'query($before: String) {{ {TOOL} {{ refs(refPrefix: "refs/tags/", last: 2, before: $before)'
    ask += " { nodes { name } pageInfo { startCursor hasPreviousPage } } } }"
    page = client.query(ask)["data"]["repository"]["refs"]
    assert names(page) == ["v10", "v2"]
    assert page["pageInfo"]["hasPreviousPage"]
    page = client.query(ask, before=page["pageInfo"]["startCursor"])["data"]["repository"]["refs"]
    assert names(page) == ["v1"]


def test_a_cursor_holds_its_place_when_tags_come_and_go(client: Client, project: RecordedRepository) -> None:
    page = refs(client, first=2)
    project.put(a_light_tag("v0"))
    del project.tags["v10"]
    assert names(refs(client, after=page["pageInfo"]["endCursor"])) == ["v2"]


def test_one_unknown_repository_harms_no_other(client: Client) -> None:
    told = client.query(f'{{ good: {TOOL} {{ isEmpty }} bad: repository(owner: "x", name: "y") {{ isEmpty }} }}')
    assert told["data"] == {"good": {"isEmpty": False}, "bad": None}
    assert only_error(told) == {
        "type": "NOT_FOUND",
        "path": ["bad"],
        "locations": [{"line": 1, "column": 60}],
        "message": "Could not resolve to a Repository with the name 'x/y'.",
    }


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        ("first: 101", "EXCESSIVE_PAGINATION"),
        ("last: 101", "EXCESSIVE_PAGINATION"),
        ("first: -1", "INVALID_PAGINATION"),
        ("", "MISSING_PAGINATION_BOUNDARIES"),
    ],
)
def test_a_list_needs_a_size_of_at_most_a_hundred(client: Client, size: str, kind: str) -> None:
    told = client.query(f'{{ {TOOL} {{ refs(refPrefix: "refs/tags/", {size}) {{ nodes {{ name }} }} }} }}')
    assert told["data"] == {"repository": {"refs": None}}
    assert only_error(told)["type"] == kind
    assert only_error(told)["path"] == ["repository", "refs"]


def test_a_mere_count_needs_no_size(client: Client) -> None:
    told = client.query(f'{{ {TOOL} {{ refs(refPrefix: "refs/tags/") {{ totalCount }} }} }}')
    assert told["data"]["repository"]["refs"]["totalCount"] == 3


def test_a_cursor_that_never_was_one_is_refused(client: Client) -> None:
    told = client.query(REFS, owner="lab", name="tool", first=1, after="nonsense")
    assert only_error(told)["type"] == "INVALID_CURSOR_ARGUMENTS"


@pytest.mark.parametrize("query", [f"{{ {TOOL} {{ stars }} }}", "{ repository", "mutation { x }"])
def test_a_query_that_does_not_fit_the_schema_is_refused_whole(client: Client, query: str) -> None:
    told = client.query(query)
    assert "data" not in told
    assert told["errors"][0]["message"]


def test_objects_are_found_by_id_and_by_expression(client: Client) -> None:
    told = client.query(
        f'{{ {TOOL} {{ id: object(oid: "{an_oid("object v10")}") {{ __typename }} '
        f'peeled: object(expression: "v10^{{commit}}") {{ oid }} '
        f'light: object(oid: "{an_oid("v1")}") {{ ... on Commit {{ committedDate }} }} '
        f'none: object(oid: "{"a" * 40}") {{ oid }} ref(qualifiedName: "refs/tags/v10") {{ name prefix }} }} }}'
    )
    assert told["data"]["repository"] == {
        "id": {"__typename": "Tag"},
        "peeled": {"oid": an_oid("v10")},
        "light": {"committedDate": "2021-02-22T12:00:00Z"},
        "none": None,
        "ref": {"name": "v10", "prefix": "refs/tags/"},
    }


def test_releases_are_told_with_what_they_are(client: Client, project: RecordedRepository) -> None:
    project.releases["v1"] = RecordedRelease("v1", NOON + timedelta(days=1))
    project.releases["next"] = RecordedRelease("next", None, draft=True)
    told = client.query(
        f"{{ {TOOL} {{ releases(first: 5, orderBy: {{field: CREATED_AT, direction: DESC}}) {{ nodes "
        "{ tagName publishedAt isDraft isLatest tagCommit { oid } } } "
        'release(tagName: "v1") { isPrerelease } none: release(tagName: "v2") { id } } }'
    )["data"]["repository"]
    assert told["releases"]["nodes"] == [
        {
            "tagName": "v1",
            "publishedAt": "2021-02-23T12:00:00Z",
            "isDraft": False,
            "isLatest": True,
            "tagCommit": {"oid": an_oid("v1")},
        },
        {"tagName": "next", "publishedAt": None, "isDraft": True, "isLatest": False, "tagCommit": None},
    ]
    assert told["release"] == {"isPrerelease": False}
    assert told["none"] is None


def test_releases_are_ordered_by_name_where_asked_and_edges_hold_cursors(
    client: Client, project: RecordedRepository
) -> None:
    for day, name in enumerate(("v2", "v1")):
        project.releases[name] = RecordedRelease(name, NOON - timedelta(days=day))
    ask = f"query($after: String) {{ {TOOL} {{ releases(first: 1, after: $after, orderBy: "
    ask += "{field: NAME, direction: ASC}) { edges { cursor node { tagName } } } } }"
    [first] = client.query(ask)["data"]["repository"]["releases"]["edges"]
    [second] = client.query(ask, after=first["cursor"])["data"]["repository"]["releases"]["edges"]
    assert [first["node"], second["node"]] == [{"tagName": "v1"}, {"tagName": "v2"}]


def test_a_query_costs_one_point_and_tells_its_nodes(client: Client) -> None:
    ask = "query($n: Int) { rateLimit { cost limit remaining used resetAt nodeCount } "
    ask += f'{TOOL} {{ ...tags }} }} fragment tags on Repository {{ refs(refPrefix: "refs/tags/", first: $n)'
    answer = client.ask(ask + " { totalCount } }", {"n": 50})
    assert answer.json()["data"]["rateLimit"] == {
        "cost": 1,
        "limit": 5000,
        "remaining": 4999,
        "used": 1,
        "resetAt": "2021-02-22T13:00:00Z",
        "nodeCount": 50,
    }
    assert answer.headers["x-ratelimit-resource"] == "graphql"
    assert client.get("/rate_limit").json()["resources"]["core"]["used"] == 0


def test_a_token_is_needed(client: Client) -> None:
    refused = client.anonymous().ask("{ rateLimit { cost } }", {})
    assert refused.status_code == 401
    assert "authenticated" in refused.json()["message"]


def test_what_is_no_query_is_refused(client: Client) -> None:
    headers = {"Authorization": f"Bearer {client.token}"}
    url = f"{client.base}/graphql"
    assert client.get("/graphql").status_code == 404
    assert client.session.post(url, data=b"{", headers=headers, timeout=5).status_code == 400
    assert "query attribute" in client.session.post(url, json=[], headers=headers, timeout=5).text


def test_the_schema_keeps_the_nullability_of_the_real_one() -> None:
    types = schema().type_map
    told = {f"{name}.{field}": str(types[name].fields[field].type) for name, field in _SAMPLED}  # type: ignore[attr-defined]  # all are object types
    assert told == dict(zip((".".join(pair) for pair in _SAMPLED), _TYPES, strict=True))


_SAMPLED = [("Repository", "refs"), ("Repository", "releases"), ("Ref", "target"), ("Tag", "tagger"), ("Tag", "target")]
_TYPES = ["RefConnection", "ReleaseConnection!", "GitObject", "GitActor", "GitObject!"]
