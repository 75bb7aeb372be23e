"""GitLab's routes below ``/api/v4/projects/{id}``: which answer belongs to which path, and its two ways of paging."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode

from bot.demo.recorded import gitlab_bodies as bodies
from bot.demo.recorded import gitlab_issues as issues
from bot.demo.recorded.github_bodies import RepositoryAddress
from bot.demo.recorded.history import RecordedMilestone, RecordedPull, RecordedTag
from bot.demo.recorded.messages import Response
from bot.demo.recorded.pages import link, paginate
from bot.demo.recorded.snapshot import Snapshot

_Dated = TypeVar("_Dated", RecordedMilestone, RecordedPull)
_ORDERS = ("name", "updated", "version")


@dataclass(frozen=True)
class ProjectRequest:
    """One question about one project, asked at ``now``.

    ``url`` is the address asked, ``rest`` what the route left open, decoded.
    """

    place: RepositoryAddress
    snapshot: Snapshot
    url: str
    rest: str
    query: Mapping[str, str]
    now: datetime


class RefusedRequest(Exception):
    """The question is answered with an error."""

    def __init__(self, status: int, key: str, message: str) -> None:
        super().__init__(message)
        self.response = Response.json(status, {key: message}, {"content-type": "application/json"})


def answer(ask: ProjectRequest, path: str) -> Response:
    """Answer what stands after the project in the path."""
    for pattern, route in _ROUTES:
        found = pattern.fullmatch(path)
        if found:
            return route(replace(ask, rest=unquote(found.groupdict().get("rest") or "")))
    raise RefusedRequest(404, "error", "404 Not Found")


def respond(value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a value, as GitLab labels it."""
    return Response.json(200, value, {"content-type": "application/json", **(headers or {})})


def _project(ask: ProjectRequest) -> Response:
    return respond(bodies.project(ask.place, ask.snapshot))


def _tag(ask: ProjectRequest) -> Response:
    found = ask.snapshot.by_name.get(ask.rest)
    if found is None:
        raise RefusedRequest(404, "message", "404 Tag Not Found")
    return respond(bodies.tag(ask.place, found, ask.snapshot))


def _tags(ask: ProjectRequest) -> Response:
    tags = [one for one in _ordered(ask) if _sought(ask.query.get("search", ""), one.name)]
    page, headers = _keyset(ask, tags) if ask.query.get("pagination") == "keyset" else _offset(ask, tags)
    return respond([_kept(ask, one) for one in page], headers)


def _kept(ask: ProjectRequest, one: RecordedTag) -> dict[str, Any]:
    body: dict[str, Any] | None = ask.snapshot.kept.get(one.name)
    if body is None:
        body = ask.snapshot.kept[one.name] = bodies.tag(ask.place, one, ask.snapshot)
    return body


def _ordered(ask: ProjectRequest) -> list[RecordedTag]:
    order, sort = ask.query.get("order_by", "updated"), ask.query.get("sort", "desc")
    for name, value, allowed in (("order_by", order, _ORDERS), ("sort", sort, ("asc", "desc"))):
        if value not in allowed:
            raise RefusedRequest(400, "error", f"{name} does not have a valid value")
    tags = list(ask.snapshot.natural if order == "version" else ask.snapshot.tags)
    if order == "updated":
        # When the tag was made, for a light one its commit; those alike stay by name in either direction.
        return sorted(tags, key=lambda one: (one.tagged or one.committed).timestamp() * (1 if sort == "asc" else -1))
    return tags if sort == "asc" else tags[::-1]


def _sought(search: str, name: str) -> bool:
    term, name = search.lower(), name.lower()
    if term.startswith("^"):
        return name.startswith(term[1:])
    return name.endswith(term[:-1]) if term.endswith("$") else term in name


def _size(query: Mapping[str, str]) -> None:
    for name in ("page", "per_page"):
        text = query.get(name, "1")
        if not (text.isascii() and text.isdecimal()):
            raise RefusedRequest(400, "error", f"{name} is invalid")
        if not int(text):
            raise RefusedRequest(400, "error", f"{name} does not have a valid value")


def _offset(ask: ProjectRequest, items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    return offset_page(ask.url, ask.query, items)


def offset_page(url: str, asked: Mapping[str, str], items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """Return the requested page, with the headers of the next. Raises RefusedRequest for an invalid page."""
    _size(asked)
    page = paginate(items, asked, 20)
    numbers = {"prev": page.number - 1} if page.number > 1 else {}
    numbers |= {"next": page.number + 1} if page.number < page.last else {}
    query = {**asked, "per_page": str(page.size)}
    headers = {
        "x-next-page": str(numbers.get("next", "")),
        "x-page": str(page.number),
        "x-per-page": str(page.size),
        "x-prev-page": str(numbers.get("prev", "")),
        "x-total": str(page.total),
        "x-total-pages": str(page.last),
        "link": link(url, query, {**numbers, "first": 1, "last": page.last}),
    }
    return page.items, headers


def _keyset(ask: ProjectRequest, tags: Sequence[RecordedTag]) -> tuple[Sequence[RecordedTag], dict[str, str]]:
    """Return the page after the tag that ``page_token`` names; a full page has a next link, even if nothing follows."""
    _size(ask.query)
    token = ask.query.get("page_token")
    names = [one.name for one in tags]
    if token and token not in names:
        raise RefusedRequest(422, "message", f"Invalid page token: refs/tags/{token}")
    start = names.index(token) + 1 if token else 0
    page = paginate(tags[start:], {**ask.query, "page": "1"}, 20)
    if len(page.items) < page.size:
        return page.items, {}
    query = {name: value for name, value in ask.query.items() if name != "page"} | {"page_token": page.items[-1].name}
    return page.items, {"link": f'<{ask.url}?{urlencode(query)}>; rel="next"'}


def _releases(ask: ProjectRequest) -> Response:
    published = [one for one in ask.snapshot.releases.values() if one.published and not one.draft]
    published.sort(key=lambda one: (one.published, one.tag), reverse=ask.query.get("sort", "desc") == "desc")
    page, headers = _offset(ask, published)
    return respond([bodies.release(ask.place, one, ask.snapshot, ask.now) for one in page], headers)


def _release(ask: ProjectRequest) -> Response:
    found = ask.snapshot.releases.get(ask.rest)
    if found is None or found.draft or not found.published:
        raise RefusedRequest(404, "message", "404 Not Found")
    return respond(bodies.release(ask.place, found, ask.snapshot, ask.now))


def _file(ask: ProjectRequest) -> Response:
    if not ask.query.get("ref"):
        # GitLab takes the default branch then, which is not recorded.
        raise RefusedRequest(404, "message", "404 Commit Not Found")
    try:
        content = ask.snapshot.file_at(ask.query["ref"], ask.rest)
    except KeyError as error:
        raise RefusedRequest(404, "message", "404 Commit Not Found") from error
    if content is None:
        raise RefusedRequest(404, "message", "404 File Not Found")
    return Response(200, {"content-type": "text/plain; charset=utf-8"}, content)


def _milestones(ask: ProjectRequest) -> Response:
    page, headers = _offset(ask, _newest_first(ask.snapshot.milestones))
    return respond([issues.milestone(ask.place, one) for one in page], headers)


def _issues(ask: ProjectRequest) -> Response:
    if not ask.snapshot.has_issues:
        raise RefusedRequest(403, "message", "403 Forbidden")
    labels = {label for label in ask.query.get("labels", "").split(",") if label}
    page, headers = _offset(ask, _newest_first([one for one in ask.snapshot.issues if labels <= set(one.labels)]))
    return respond([issues.issue(ask.place, one) for one in page], headers)


def _merge_requests(ask: ProjectRequest) -> Response:
    page, headers = _offset(ask, _newest_first(ask.snapshot.pulls))
    return respond([issues.merge_request(ask.place, one) for one in page], headers)


def _newest_first(held: Sequence[_Dated]) -> list[_Dated]:
    return sorted(held, key=lambda one: (one.created, one.number), reverse=True)


_ROUTES: list[tuple[re.Pattern[str], Callable[[ProjectRequest], Response]]] = [
    (re.compile(r""), _project),
    (re.compile(r"/repository/tags"), _tags),
    (re.compile(r"/repository/tags/(?P<rest>[^/]+)"), _tag),
    (re.compile(r"/repository/files/(?P<rest>[^/]+)/raw"), _file),
    (re.compile(r"/milestones"), _milestones),
    (re.compile(r"/issues"), _issues),
    (re.compile(r"/merge_requests"), _merge_requests),
    (re.compile(r"/releases"), _releases),
    (re.compile(r"/releases/(?P<rest>[^/]+)"), _release),
]
