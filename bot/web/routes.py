"""The addresses of the site, each with what answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.web.documents.rules import DOCUMENTS
from bot.web.pages import (
    certification,
    digests,
    how,
    overview,
    release,
    repository,
    search,
    series,
    status,
    tags,
    timeline,
    unclassified,
)
from bot.web.visits import Document, Page


@dataclass(frozen=True)
class Route:
    """A rule for addresses, and the function that answers them: it is given the visit, and what the rule reads.

    One that ``tells_time`` may differ from one minute to the next though nothing happened. What ``is_page`` shows
    words, and no list of very many repositories.
    """

    rule: str
    make: Callable[..., Page | Document]
    tells_time: bool = True
    is_page: bool = True


# In a rule, ``<key:...>`` is a repository and ``<name:...>`` the rest of the path.
ROUTES = (
    Route("/", overview.make),
    Route("/timeline", timeline.make),
    Route("/r/<key:key>", repository.make),
    Route("/r/<key:key>/-/unclassified", unclassified.make),
    Route("/r/<key:key>/-/tags", tags.make),
    Route("/r/<key:key>/-/release/<name:version>", release.make),
    Route("/r/<key:key>/-/<name:name>", series.make),
    Route("/certification", certification.make),
    Route("/certification/<name:name>", certification.make),
    Route("/search", search.make),
    Route("/how", how.make),
    Route("/status", status.make),
    Route("/digests", digests.listed, tells_time=False),
    Route("/digests/<name:rest>", digests.any_of, tells_time=False),
    *(Route(*document, is_page=False) for document in DOCUMENTS),
)
