"""GitHub's REST routes below ``/repos/{owner}/{repo}``: which answer belongs to which path."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import unquote

from bot.demo.recorded import github_bodies as bodies
from bot.demo.recorded import github_issues as issues
from bot.demo.recorded.github_repository import repository
from bot.demo.recorded.history import RecordedMilestone, RecordedPull
from bot.demo.recorded.messages import Response
from bot.demo.recorded.pages import Page, link, paginate
from bot.demo.recorded.snapshot import RecordedObject, Snapshot

# What a file's bytes are asked for with, and labelled.
_RAW = "application/vnd.github.raw+json"
_DOCS = "https://docs.github.com/rest"
_Dated = TypeVar("_Dated", RecordedMilestone, RecordedPull)


@dataclass(frozen=True)
class RepositoryRequest:
    """One question about one repository; ``rest`` is what the route left open, decoded."""

    place: bodies.RepositoryAddress
    snapshot: Snapshot
    rest: str
    query: Mapping[str, str]
    trusted: bool
    accept: str = ""


Route = Callable[[RepositoryRequest], Response]


def answer(ask: RepositoryRequest) -> Response:
    """Answer what stands after the repository in the path; good answers are kept until the repository changes."""
    for pattern, route, docs in _ROUTES:
        found = pattern.fullmatch(ask.rest)
        if found is None:
            continue
        if ask.snapshot.empty and ask.rest.startswith(("/git/", "/commits/")):
            return error(409, "Git Repository is empty.", docs)
        try:
            return _kept(route, replace(ask, rest=unquote(found.groupdict().get("rest") or "")))
        except KeyError:
            return error(404, "Not Found", docs)
    return error(404, "Not Found")


def error(status: int, message: str, docs: str = "") -> Response:
    """Answer with a basic-error."""
    url = docs if docs.startswith("https:") else _DOCS + docs
    return Response.json(status, {"message": message, "documentation_url": url, "status": str(status)})


def _kept(route: Route, ask: RepositoryRequest) -> Response:
    key = (route, ask.rest, tuple(ask.query.items()), ask.trusted, ask.accept)
    response: Response | None = ask.snapshot.kept.get(key)
    if response is None:
        response = ask.snapshot.kept[key] = route(ask)
    return response


def _repository(ask: RepositoryRequest) -> Response:
    return Response.json(200, repository(ask.place, ask.snapshot))


def _matching_refs(ask: RepositoryRequest) -> Response:
    matching = [tag for tag in ask.snapshot.tags if f"tags/{tag.name}".startswith(ask.rest)]
    return Response.json(200, [bodies.ref(ask.place, tag) for tag in matching])


def _one_ref(ask: RepositoryRequest) -> Response:
    return Response.json(200, bodies.ref(ask.place, ask.snapshot.by_name[ask.rest]))


def _tag_object(ask: RepositoryRequest) -> Response:
    return Response.json(200, bodies.annotated(ask.place, ask.snapshot.tag_objects[ask.rest]))


def _git_commit(ask: RepositoryRequest) -> Response:
    return Response.json(200, bodies.git_commit(ask.place, _commit_of(ask)))


def _commit(ask: RepositoryRequest) -> Response:
    return Response.json(200, bodies.commit(ask.place, _commit_of(ask)))


def _commit_of(ask: RepositoryRequest) -> RecordedObject:
    found = ask.snapshot.objects[ask.rest]
    if found.kind != "commit":
        raise KeyError(ask.rest)
    return found


def _tags(ask: RepositoryRequest) -> Response:
    # By name, numbers by value, the highest first: by version rather than by date.
    standing = [tag for tag in ask.snapshot.natural[::-1] if tag.target_type == "commit"]
    page = paginate(standing, ask.query, 30)
    return _list(ask, "tags", page, [bodies.listed_tag(ask.place, tag) for tag in page.items])


def _releases(ask: RepositoryRequest) -> Response:
    # Drafts are shown to those who may write; a known token means them here.
    shown = [one for one in ask.snapshot.releases.values() if ask.trusted or not one.draft]
    shown.sort(key=lambda one: (ask.snapshot.created(one), one.tag), reverse=True)
    page = paginate(shown, ask.query, 30)
    return _list(ask, "releases", page, [bodies.release(ask.place, one, ask.snapshot) for one in page.items])


def _release_of_tag(ask: RepositoryRequest) -> Response:
    found = ask.snapshot.releases[ask.rest]
    if found.draft:
        raise KeyError(ask.rest)
    return Response.json(200, bodies.release(ask.place, found, ask.snapshot))


def _latest_release(ask: RepositoryRequest) -> Response:
    latest = ask.snapshot.latest
    if latest is None:
        raise KeyError(ask.rest)
    return Response.json(200, bodies.release(ask.place, latest, ask.snapshot))


def _contents(ask: RepositoryRequest) -> Response:
    """Answer with a file's own bytes if those are accepted, else with what is known of it."""
    newest = ask.snapshot.newest
    content = ask.snapshot.file_at(ask.query.get("ref", newest.oid if newest else ""), ask.rest)
    if content is None:
        raise KeyError(ask.rest)
    if ask.accept == _RAW:
        return Response(200, {"content-type": f"{_RAW}; charset=utf-8"}, content)
    shown = {"type": "file", "encoding": "base64", "size": len(content), "path": ask.rest}
    return Response.json(200, {**shown, "content": b64encode(content).decode()})


def _pulls(ask: RepositoryRequest) -> Response:
    shown = _of_state(ask, ask.snapshot.pulls, lambda one: one.merged is None)
    page = paginate(shown, ask.query, 30)
    return _list(ask, "pulls", page, [issues.pull(ask.place, one, ask.snapshot) for one in page.items])


def _milestones(ask: RepositoryRequest) -> Response:
    shown = _of_state(ask, ask.snapshot.milestones, lambda one: one.closed is None)
    page = paginate(shown, ask.query, 30)
    return _list(ask, "milestones", page, [issues.milestone(ask.place, one) for one in page.items])


def _issues(ask: RepositoryRequest) -> Response:
    if not ask.snapshot.has_issues:
        return error(410, "Issues has been disabled in this repository.")
    labels = {label for label in ask.query.get("labels", "").split(",") if label}
    held = [one for one in ask.snapshot.issues if labels <= set(one.labels)]
    page = paginate(_of_state(ask, held, lambda one: one.closed is None), ask.query, 30)
    return _list(ask, "issues", page, [issues.issue(ask.place, one) for one in page.items])


def _of_state(ask: RepositoryRequest, held: Sequence[_Dated], is_open: Callable[[_Dated], bool]) -> list[_Dated]:
    """Choose by ``state`` (open by default), the newest first unless ``direction`` says otherwise."""
    state = ask.query.get("state", "open")
    shown = [one for one in held if state == "all" or is_open(one) is (state == "open")]
    return sorted(shown, key=lambda one: (one.created, one.number), reverse=ask.query.get("direction") != "asc")


def _list(ask: RepositoryRequest, name: str, page: Page[Any], items: list[dict[str, Any]]) -> Response:
    numbers = {}
    if page.number > 1:
        numbers["prev"] = min(page.number - 1, page.last)
    if page.number < page.last:
        numbers |= {"next": page.number + 1, "last": page.last}
    if page.number > 1:
        numbers["first"] = 1
    url = f"{ask.place.base}/repositories/{bodies.repository_id(ask.snapshot)}/{name}"
    query = {key: value for key, value in ask.query.items() if key != "page"}
    return Response.json(200, items, {"link": link(url, query, numbers)} if numbers else {})


_ROUTES: list[tuple[re.Pattern[str], Route, str]] = [
    (re.compile(pattern), route, docs)
    for pattern, route, docs in (
        (r"/?", _repository, "/repos/repos#get-a-repository"),
        (r"/git/matching-refs/(?P<rest>.+)", _matching_refs, "/git/refs#list-matching-references"),
        (r"/git/refs?/tags(?:/|%2F)(?P<rest>.+)", _one_ref, "/git/refs#get-a-reference"),
        (r"/git/tags/(?P<rest>[^/]+)", _tag_object, "/git/tags#get-a-tag"),
        (r"/git/commits/(?P<rest>[^/]+)", _git_commit, "/git/commits#get-a-commit-object"),
        (r"/commits/(?P<rest>[^/]+)", _commit, "/commits/commits#get-a-commit"),
        (r"/tags/?", _tags, "/repos/repos#list-repository-tags"),
        (r"/releases/?", _releases, "/releases/releases#list-releases"),
        (r"/releases/latest", _latest_release, "/releases/releases#get-the-latest-release"),
        (r"/releases/tags/(?P<rest>.+)", _release_of_tag, "/releases/releases#get-a-release-by-tag-name"),
        (r"/contents/(?P<rest>.+)", _contents, "/repos/contents#get-repository-content"),
        (r"/pulls/?", _pulls, "/pulls/pulls#list-pull-requests"),
        (r"/milestones/?", _milestones, "/issues/milestones#list-milestones"),
        (r"/issues/?", _issues, "/issues/issues#list-repository-issues"),
    )
]
