"""The site: which page answers which address, and what every answer has in common."""

import gzip
import logging
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, Rule, ValidationError
from werkzeug.wrappers import Request, Response

from bot.domain.errors import BotError, UsageError
from bot.render.html import filled
from bot.render.release_words import source_mark
from bot.render.words import moment_words, printable
from bot.web import addresses, formats
from bot.web.app import Mount
from bot.web.routes import ROUTES, Route
from bot.web.static_files import STATIC
from bot.web.visits import Asked, Document, NotThereError, Page, Source, Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
_HTML = "text/html; charset=utf-8"
# Shorter answers do not get shorter.
_WORTH_PACKING = 500
_METHODS = ("GET", "HEAD")
_NOT_ALLOWED = 405


class Site:
    """The WSGI application of the pages: it reads, and changes nothing."""

    def __init__(self, source: Source, routes: Sequence[Route] = ROUTES) -> None:
        self._source = source
        self._map = Map(
            [Rule(route.rule, endpoint=route) for route in routes],
            converters={"key": _KeyConverter, "name": _NameConverter},
            strict_slashes=False,
            merge_slashes=False,
            redirect_defaults=False,
        )

    def mount(self, address: tuple[str, int]) -> Mount:
        """Return it, to serve at an address, beside whatever else is there."""
        return Mount("web", "web.address", address, {}, otherwise=self)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        response = self._respond(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            if request.method not in _METHODS:
                raise MethodNotAllowed(_METHODS)  # noqa: TRY301 - all refusals are made in one place
            return self._answer(request)
        except Exception as error:  # noqa: BLE001 - whatever a page raises, the visitor is told, and the log says what
            return self._refusal(request, *_refused(error, request.path))

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/static/"):
            return _static(request)
        route, arguments, form = self._matched(request)
        visit = self._visit(request, is_brief=route.is_page and not form)
        tag = self._tag(request, visit, route)
        if request.if_none_match.contains_weak(tag):
            return _unchanged(tag)
        with visit.context.store.snapshot():
            made = route.make(visit, **arguments)
            if form and isinstance(made, Page):
                made = formats.document(made, form, visit)
            body, kind, headers = self._written(made, visit)
        return _packed(request, Response(body, 200, {"ETag": f'W/"{tag}"', **headers}, content_type=kind))

    def _matched(self, request: Request) -> tuple[Route, Mapping[str, Any], str]:
        """Return the route of a request, its arguments, and the format that the page is wanted in."""
        adapter = self._map.bind("", path_info=request.path)
        if adapter.test():
            route, arguments = adapter.match()
            return _as_route(route), arguments, ""
        path, form = addresses.split_format(request.path)
        if form not in formats.OF_PAGES:
            raise NotFound
        route, arguments = adapter.match("/" if path == "/overview" else path)
        return _as_route(route), arguments, form

    def _visit(self, request: Request, *, is_brief: bool) -> Visit:
        asked = Asked.read(request.args)
        parameters = {name: tuple(filter(None, values)) for name, values in request.args.lists()}
        origin = self._source.public_url or request.host_url
        origin = origin.rstrip("/")
        return Visit(self._source, asked, request.path, request.root_path, parameters, origin, is_brief)

    def _tag(self, request: Request, visit: Visit, route: Route) -> str:
        """Return what names this answer: of this version, address and state, and of this minute if it tells time."""
        is_fixed = bool(visit.asked.as_of) or not route.tells_time
        minute = "" if is_fixed else f"{visit.as_of.end:%Y-%m-%dT%H:%M%z}"
        named = (self._source.version, self._source.state(), request.root_path, request.full_path, minute)
        return sha256("\n".join(named).encode()).hexdigest()[:24]

    def _written(self, made: Page | Document, visit: Visit) -> tuple[bytes, str, Mapping[str, str]]:
        private = {"Cache-Control": "private, no-cache"}
        if isinstance(made, Document):
            return made.body, made.kind, {**private, **made.headers}
        return _page(made, visit).encode(), _HTML, private

    def _refusal(self, request: Request, status: int, why: str) -> Response:
        headers = {"Allow": ", ".join(_METHODS)} if status == _NOT_ALLOWED else {}
        _, form = addresses.split_format(request.path)
        if form or request.path.startswith("/api/"):
            document = formats.refusal(why)
            return Response(document.body, status, headers, content_type=document.kind)
        visit = Visit(self._source, Asked(), "/", request.root_path)
        page = Page(_TITLES.get(status, "Error"), "error.html", {"why": why})
        return Response(_page(page, visit), status, headers, content_type=_HTML)


def _refused(error: Exception, path: str) -> tuple[int, str]:  # noqa: PLR0911 - one for each way to fail
    """Return the status of what a page raised, and why it is not shown."""
    match error:
        case MethodNotAllowed():
            return _NOT_ALLOWED, "method not allowed; use GET"
        case NotThereError():
            return 404, str(error)
        case NotFound():
            return 404, f"there is no page {path}"
        case HTTPException():
            return error.code or 400, error.name
        case UsageError():
            return 400, str(error)
        case BotError():
            _log.warning("cannot answer %s: %s", printable(path), error)
            return 503, str(error)
        case _:
            _log.error("cannot answer %s", printable(path), exc_info=error)
            return 500, "the page could not be made; the log says why"


_TITLES = {400: "That cannot be asked", 404: "Not there", 405: "Not allowed", 503: "Not now"}


class _KeyConverter(BaseConverter):
    """The key of a repository, which may hold slashes."""

    regex = ".+?"
    part_isolating = False
    weight = 200

    def to_python(self, value: str) -> str:
        try:
            return addresses.key_in(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class _NameConverter(BaseConverter):
    """A name to the end of the address, which may hold slashes."""

    regex = ".+"
    part_isolating = False
    weight = 300

    def to_python(self, value: str) -> str:
        try:
            return addresses.name_in(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _as_route(endpoint: Any) -> Route:
    assert isinstance(endpoint, Route)  # noqa: S101 - the map has no others
    return endpoint


def _page(page: Page, visit: Visit) -> str:
    now = visit.source.now()
    values = {
        **page.values,
        "page": page,
        "visit": visit,
        "addresses": addresses,
        "style": STATIC.address("style.css"),
        "icon": STATIC.address("icon.svg"),
        "moment": visit.asked.as_of or moment_words(now.end, now.zone),
        "zone": now.zone.key,
        "source_mark": source_mark,
    }
    return filled(page.template, values, package="bot.web")


def _static(request: Request) -> Response:
    found = STATIC.find(request.path.removeprefix("/static/"))
    if found is None:
        raise NotFound
    if request.if_none_match.contains(found.tag):
        return _unchanged(found.tag)
    headers = {"ETag": f'W/"{found.tag}"', "Cache-Control": "public, max-age=31536000, immutable"}
    return _packed(request, Response(found.body, 200, headers, content_type=found.kind))


def _unchanged(tag: str) -> Response:
    return Response(status=304, headers={"ETag": f'W/"{tag}"', "Cache-Control": "private, no-cache"})


def _packed(request: Request, response: Response) -> Response:
    body = response.get_data()
    if len(body) > _WORTH_PACKING and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
