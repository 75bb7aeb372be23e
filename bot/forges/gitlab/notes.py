"""A release's notes on GitLab: a file at its tag, or the description of its release."""

from urllib.parse import quote

from bot.domain.notes.blocks import MOST_OF_FILE
from bot.forges.counter import RequestCounter
from bot.forges.gitlab.client import GitLabClient, project_address
from bot.forges.payload import text_of
from bot.services.ports import ForgeError, NotesAnswer, NotesRequest, RepositoryNotFound


def gitlab_notes(client: GitLabClient, where: str, request: NotesRequest) -> NotesAnswer:
    """Read them with one request; what is missing has no text, as the project was seen just before."""
    counter = RequestCounter(where, request.path)
    try:
        text = _file(client, counter, request) if request.file else _description(client, counter, request)
    except RepositoryNotFound:
        text = None
    except ForgeError as error:
        return NotesAnswer(request.path, requests=counter.requests, error=error)
    return NotesAnswer(request.path, text, counter.requests)


def _file(client: GitLabClient, counter: RequestCounter, request: NotesRequest) -> str:
    address = project_address(counter.path, f"/repository/files/{quote(request.file, safe='')}/raw")
    return client.text(counter, address, {"ref": request.commit or request.tag}, MOST_OF_FILE)


def _description(client: GitLabClient, counter: RequestCounter, request: NotesRequest) -> str | None:
    _, release = client.one(counter, project_address(counter.path, f"/releases/{quote(request.tag, safe='')}"))
    return text_of(release, "description")[:MOST_OF_FILE] or None
