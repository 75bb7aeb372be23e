"""Which repositories stand below an owner, and GitHub's lists of them."""

import re
from collections.abc import Collection

from bot.demo.recorded.github_bodies import RepositoryAddress, number
from bot.demo.recorded.github_repository import repository
from bot.demo.recorded.github_rest import error
from bot.demo.recorded.messages import Request, Response
from bot.demo.recorded.pages import link, paginate
from bot.demo.recorded.snapshot import Snapshot, Snapshots

_LIST = re.compile(r"/(?P<kind>orgs|users)/(?P<owner>[^/]+)/repos/?")


def github_list(request: Request, base: str, snapshots: Snapshots, users: Collection[str]) -> Response | None:
    """Answer what asks for a list of an owner's repositories, None for what asks for something else.

    ``users`` are the owners that are people: they have no list as an organisation.
    """
    found = _LIST.fullmatch(request.path) if request.method == "GET" else None
    if found is None:
        return None
    owner, kind = found["owner"].lower(), found["kind"]
    held = [each for each in below(snapshots, owner) if each.path.lower().rpartition("/")[0] == owner]
    if not held or (kind == "orgs" and owner in {user.lower() for user in users}):
        return error(404, "Not Found", f"/repos/repos#list-{'organization' if kind == 'orgs' else 'user'}-repositories")
    page = paginate(held, request.query, 30)
    url = f"{base}/{'organizations' if kind == 'orgs' else 'user'}/{number(owner)}/repos"
    query = {key: value for key, value in request.query.items() if key != "page"}
    before = {"prev": page.number - 1, "first": 1} if page.number > 1 else {}
    after = {"next": page.number + 1, "last": page.last} if page.number < page.last else {}
    headers = {"link": link(url, query, {**before, **after})} if page.last > 1 else {}
    return Response.json(200, [repository(RepositoryAddress(base, each.path), each) for each in page.items], headers)


def below(snapshots: Snapshots, owner: str) -> list[Snapshot]:
    """Return the repositories of an owner, and those of the groups in it."""
    paths = [path for path in snapshots.paths() if path.lower().startswith(f"{owner.lower()}/")]
    return [snapshot for path in paths if (snapshot := snapshots.find(path)) is not None]
