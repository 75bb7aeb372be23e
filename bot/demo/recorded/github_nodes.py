"""The objects of GitHub's GraphQL schema, as mappings from field to value or to a function of the arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLResolveInfo

from bot.demo.recorded.clock_text import local_seconds, utc_seconds
from bot.demo.recorded.connections import check_bounds, connection
from bot.demo.recorded.github_bodies import PERSON, RepositoryAddress, node_id, number, repository_id
from bot.demo.recorded.github_repository import created
from bot.demo.recorded.history import RecordedRelease, RecordedTag
from bot.demo.recorded.snapshot import RecordedObject, Snapshot, peeled

Fields = Mapping[str, Any]
_PREFIX = "refs/tags/"


@dataclass(frozen=True)
class Nodes:
    """Makes the objects of one repository."""

    place: RepositoryAddress
    snapshot: Snapshot

    def repository(self) -> Fields:
        """Make the Repository."""
        snapshot = self.snapshot
        newest = snapshot.newest
        pushed = utc_seconds(newest.committed) if newest else None
        return {
            "id": node_id("R", snapshot.path),
            "databaseId": repository_id(snapshot),
            "name": snapshot.path.partition("/")[2],
            "nameWithOwner": snapshot.path,
            "url": self.place.html,
            "resourcePath": f"/{snapshot.path}",
            "createdAt": created(snapshot),
            "pushedAt": pushed,
            "updatedAt": pushed or created(snapshot),
            "isEmpty": snapshot.empty,
            **dict.fromkeys(("isArchived", "isFork", "isPrivate"), False),
            "ref": lambda _info, **asked: self._find_ref(asked["qualifiedName"]),
            "refs": lambda info, **asked: self._refs(info, asked),
            "object": lambda _info, **asked: self._find_object(asked),
            "release": lambda _info, **asked: self._release_of(snapshot.releases.get(asked["tagName"])),
            "releases": lambda info, **asked: self._releases(info, asked),
            "latestRelease": lambda _info: self._release_of(snapshot.latest),
        }

    def ref(self, tag: RecordedTag) -> Fields:
        """Make the Ref of a tag."""
        return {
            "__typename": "Ref",
            "id": node_id("REF", self.snapshot.path, "refs/tags", tag.name),
            "name": tag.name,
            "prefix": _PREFIX,
            "repository": lambda _info: self.repository(),
            "target": lambda _info: self._tag_object(tag) if tag.tag_object else self._object(peeled(tag)),
        }

    def _refs(self, info: GraphQLResolveInfo, asked: Mapping[str, Any]) -> Fields:
        check_bounds(info, asked)
        order = asked.get("orderBy") or {"field": "ALPHABETICAL", "direction": asked.get("direction")}
        by_date = order["field"] == "TAG_COMMIT_DATE"
        prefix, words = asked["refPrefix"], (asked.get("query") or "").lower()
        shown = [tag for tag in self.snapshot.tags if words in tag.name.lower()] if prefix == _PREFIX else []
        bounds = {**asked, "descending": order["direction"] == "DESC"}
        return connection(shown, _date_key if by_date else _name_key, self.ref, bounds)

    def _find_ref(self, name: str) -> Fields | None:
        tag = self.snapshot.by_name.get(name.removeprefix("refs/").removeprefix("tags/"))
        return self.ref(tag) if tag else None

    def _find_object(self, asked: Mapping[str, Any]) -> Fields | None:
        expression = asked.get("oid") or asked.get("expression") or ""
        name, _, peel = expression.partition("^{")
        tag = self.snapshot.by_name.get(name.removeprefix("refs/").removeprefix("tags/"))
        tag = self.snapshot.tag_objects.get(name) or (None if asked.get("oid") else tag)
        if tag and tag.tag_object and not peel:
            return self._tag_object(tag)
        found = peeled(tag) if tag else self.snapshot.objects.get(name)
        return self._object(found) if found else None

    def _tag_object(self, tag: RecordedTag) -> Fields:
        return {
            "__typename": "Tag",
            **self._git_object("TA", tag.target),
            "name": tag.name,
            "message": f"{tag.name}\n",
            "tagger": _actor(tag.tagged) if tag.tagged else None,
            "target": lambda _info: self._object(peeled(tag)),
        }

    def _object(self, found: RecordedObject) -> Fields:
        match found.kind:
            case "commit":
                return {"__typename": "Commit", **self._git_object("C", found.oid), **self._commit(found)}
            case "blob":
                content = {"byteSize": 0, "isBinary": False, "isTruncated": False, "text": ""}
                return {"__typename": "Blob", **self._git_object("B", found.oid), **content}
            case _:
                return {"__typename": "Tree", **self._git_object("T", found.oid)}

    def _commit(self, found: RecordedObject) -> Fields:
        date = utc_seconds(found.committed)
        return {
            "authoredDate": date,
            "committedDate": date,
            "author": _actor(found.committed),
            "committer": _actor(found.committed),
            "message": "recorded commit",
            "messageHeadline": "recorded commit",
            "messageBody": "",
            "url": f"{self.place.html}/commit/{found.oid}",
        }

    def _git_object(self, kind: str, oid: str) -> Fields:
        return {
            "id": node_id(kind, self.snapshot.path, oid),
            "oid": oid,
            "abbreviatedOid": oid[:7],
            "commitUrl": f"{self.place.html}/commit/{oid}",
            "commitResourcePath": f"/{self.snapshot.path}/commit/{oid}",
            "repository": lambda _info: self.repository(),
        }

    def _releases(self, info: GraphQLResolveInfo, asked: Mapping[str, Any]) -> Fields:
        check_bounds(info, asked)
        order = asked.get("orderBy") or {"field": "CREATED_AT", "direction": "DESC"}
        bounds = {**asked, "descending": order["direction"] == "DESC"}
        shown = list(self.snapshot.releases.values())
        return connection(shown, self._release_key(order["field"]), self._release, bounds)

    def _release_key(self, field: str) -> Any:
        if field == "NAME":
            return lambda one: [one.tag]
        return lambda one: [self.snapshot.created(one).timestamp(), one.tag]

    def _release_of(self, one: RecordedRelease | None) -> Fields | None:
        return None if one is None else self._release(one)

    def _release(self, one: RecordedRelease) -> Fields:
        tag = self.snapshot.by_name.get(one.tag)
        made = utc_seconds(self.snapshot.created(one))
        published = None if one.draft or one.published is None else utc_seconds(one.published)
        return {
            "id": node_id("RE", self.snapshot.path, one.tag),
            "databaseId": number(self.snapshot.path, "release", one.tag) & 0x7FFFFFFF,
            "tagName": one.tag,
            "name": one.tag,
            "description": "",
            "createdAt": made,
            "publishedAt": published,
            "updatedAt": published or made,
            "isDraft": one.draft,
            "isPrerelease": one.prerelease,
            "isLatest": one == self.snapshot.latest,
            "repository": lambda _info: self.repository(),
            "url": f"{self.place.html}/releases/tag/{one.tag}",
            "resourcePath": f"/{self.snapshot.path}/releases/tag/{one.tag}",
            "tag": lambda _info: self.ref(tag) if tag else None,
            "tagCommit": lambda _info: self._object(peeled(tag)) if tag and tag.target_type == "commit" else None,
        }


def _name_key(tag: RecordedTag) -> list[Any]:
    return [tag.name]


def _date_key(tag: RecordedTag) -> list[Any]:
    return [tag.committed.timestamp(), tag.name]


def _actor(at: datetime) -> Fields:
    return {**PERSON, "date": local_seconds(at)}
