"""The contents of pages in other formats: the data behind them as JSON, and the first table as CSV."""

import json
from dataclasses import replace
from typing import Any

from bot.domain.errors import UsageError
from bot.queries.base import Result
from bot.queries.release_list import ReleaseList, find_releases
from bot.queries.releases import Count, Releases
from bot.render.csv_form import csv_text
from bot.web.visits import Document, NotThereError, Page, Visit

# The ends of addresses that every page has.
OF_PAGES = ("json", "csv")
_CSV = "text/csv; charset=utf-8; header=present"


def document(page: Page, form: str, visit: Visit) -> Document:
    """Return what a page shows in a format, all of what it folds included.

    Raises NotThereError for a page that shows nothing of the kind, and UsageError for too many releases.
    """
    results = {name: _unfolded(result, visit) for name, result in page.results.items()}
    if not results:
        what = f"this page is not there as {form.upper()}"
        raise NotThereError(what)
    if form == "json":
        return json_document({name: result.data() for name, result in results.items()})
    return Document(csv_text(next(iter(results.values())).sheet()).encode(), _CSV)


def json_document(data: Any) -> Document:
    """Return data as JSON."""
    return Document(json.dumps(data, ensure_ascii=False).encode(), "application/json")


def refusal(why: str) -> Document:
    """Return why there is no answer."""
    return json_document({"error": why})


def run_whole(query: Count | Releases, visit: Visit) -> ReleaseList:
    """Return the result of a query with every release that it finds. Raises UsageError for too many."""
    return _bounded(replace(query, most=visit.source.most + 1).run(visit.context), visit)


def _unfolded(result: Result, visit: Visit) -> Result:
    """Return a result with the releases that a page left out."""
    if not isinstance(result, ReleaseList) or len(result.releases) >= result.total:
        return result
    most = visit.source.most + 1
    return _bounded(find_releases(result.filters, visit.context, units=result.units, most=most), visit)


def _bounded(found: ReleaseList, visit: Visit) -> ReleaseList:
    most = visit.source.most
    if len(found.releases) > most:
        raise UsageError("address", f"more than {most:,} releases", "give a period, a repository or a series")
    return found
