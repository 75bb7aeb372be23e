"""The contents of pages in other formats."""

import json

from bot.web.visits import Document, Page

# The ends of addresses that every page has.
OF_PAGES = ("json",)
_JSON = "application/json"


def document(page: Page, form: str) -> Document:
    """Return what a page shows in a format."""
    del form
    data = {name: result.data() for name, result in page.results.items()}
    return Document(json.dumps(data, ensure_ascii=False).encode(), _JSON)


def refusal(why: str) -> Document:
    """Return why there is no answer."""
    return Document(json.dumps({"error": why}).encode(), _JSON)
