"""One page of each kind, found by following links as a visitor would."""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import requests

from tests.web.reading import read

_KINDS = {
    "overview": r"/",
    "timeline": r"/timeline",
    "repository": r"/r/[^/]+(/(?!-/)[^/]+)*",
    "series": r"/r/.+/-/v\d+r\d+",
    "release": r"/r/.+/-/release/.+",
    "unclassified": r"/r/.+/-/unclassified",
    "tags": r"/r/.+/-/tags",
    "board": r"/certification",
    "certification": r"/certification/.+",
    "digests": r"/digests",
    "digests of one name": r"/digests/[^/]+/[^/]+",
    "digest": r"/digests/[^/]+/[^/]+/[^/]+",
    "how": r"/how",
    "status": r"/status",
}
# These are asked for by what is typed.
_TYPED = {"search": "/search?q=how+many+v7r1+patches+in+2020", "error": "/search?q=x&as_of=never", "nowhere": "/r/no"}


def crawled(base: str, start: str) -> dict[str, str]:
    """Return the address of a page of each kind; raise AssertionError if one is not linked to."""
    found: dict[str, str] = {}
    waiting, seen = deque([start]), {start}
    while waiting and len(found) < len(_KINDS):
        address = waiting.popleft()
        kind = kind_of(urlsplit(address).path)
        if kind is None or kind in found:
            continue
        found[kind] = address
        page = requests.get(base + address, timeout=10)
        assert page.status_code == requests.codes.ok, address
        for link in read(page.text).links:
            whole = urljoin(base + address, link.href).partition("#")[0]
            near = whole.removeprefix(base)
            if near != whole and near not in seen:
                seen.add(near)
                waiting.append(near)
    assert found.keys() == _KINDS.keys()
    return found | _TYPED


def kind_of(path: str) -> str | None:
    """Return the kind of the page at a path, None for what is no page."""
    is_page = not re.search(r"\.(json|csv|atom|ics|svg)$", path)
    return next((kind for kind, rule in _KINDS.items() if is_page and re.fullmatch(rule, path)), None)
