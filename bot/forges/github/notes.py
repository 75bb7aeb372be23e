"""A release's notes on GitHub: a file at its tag by the contents API, or the body of its release."""

from urllib.parse import quote

from bot.domain.notes.blocks import MOST_OF_FILE
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient
from bot.forges.payload import text_of
from bot.services.ports import ForgeError, ForgeUnavailable, NotesAnswer, NotesRequest, RepositoryNotFound


def github_notes(client: GitHubClient, where: str, request: NotesRequest) -> NotesAnswer:
    """Read them with one request; what is missing has no text, as the repository was seen just before."""
    counter = RequestCounter(where)
    try:
        text = _file(client, counter, request) if request.file else _body(client, counter, request)
    except RepositoryNotFound:
        text = None
    except ForgeError as error:
        return NotesAnswer(request.path, requests=counter.requests, error=error)
    if request.file and counter.redirected:
        # PyGithub drops the query when it follows a renamed repository: the answer is of the default branch.
        renamed = ForgeUnavailable(where, "the repository was renamed", "update its path")
        return NotesAnswer(request.path, requests=counter.requests, error=renamed)
    return NotesAnswer(request.path, text, counter.requests)


def _file(client: GitHubClient, counter: RequestCounter, request: NotesRequest) -> str | None:
    # A branch may have the tag's name, and a commit has no other.
    ref = quote(request.commit or request.tag, safe="")
    address = f"/repos/{request.path}/contents/{quote(request.file)}?ref={ref}"
    return client.text(counter, address, MOST_OF_FILE)


def _body(client: GitHubClient, counter: RequestCounter, request: NotesRequest) -> str | None:
    address = f"/repos/{request.path}/releases/tags/{quote(request.tag, safe='')}"
    return text_of(client.get(counter, address).value, "body")[:MOST_OF_FILE] or None
