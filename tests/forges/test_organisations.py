"""The lists of what an organisation, a user or a group has."""

from collections.abc import Iterator
from datetime import UTC

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository
from bot.demo.recorded.server import Response
from bot.domain.organisations import Listed
from bot.domain.polling.record import PollDepth
from bot.services.ports import (
    Forge,
    ForgeError,
    ForgeUnavailable,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from tests.forges.conftest import NOW, TOKEN

MANY = [f"grid/tool{number:03}" for number in range(205)]


def held() -> list[RecordedRepository]:
    return [
        *(RecordedRepository(path) for path in MANY),
        RecordedRepository("grid/forked", fork=True),
        RecordedRepository("grid/old", archived=True),
        RecordedRepository("gridpp/other"),
        RecordedRepository("ann/own"),
    ]


# The repositories of ``grid``.
EXPECTED = [*(Listed(path) for path in MANY), Listed("grid/forked", is_fork=True), Listed("grid/old", is_archived=True)]


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    with RecordedGitHub(held(), tokens=[TOKEN], now=lambda: NOW) as server:
        server.users = {"ann"}
        yield server


@pytest.fixture
def gitlab() -> Iterator[RecordedGitLab]:
    inner = RecordedRepository("grid/sub/deep/inner")
    with RecordedGitLab([*held(), inner], tokens=[TOKEN], now=lambda: NOW) as server:
        server.users = {"ann"}
        yield server


def asked(kind: str, url: str, path: str, token: str | None = TOKEN) -> list[Listed]:
    forge = made(kind, url, token)
    try:
        return list(forge.organisation(path))
    finally:
        forge.close()


def made(kind: str, url: str, token: str | None) -> Forge:
    from bot.forges.github.forge import GitHubForge
    from bot.forges.gitlab.forge import GitLabForge

    forge = GitHubForge if kind == "github" else GitLabForge
    return forge("forge", url, token, timeout=5, now=lambda: NOW.astimezone(UTC))


def test_every_page_of_githubs_list_is_read(github: RecordedGitHub) -> None:
    assert asked("github", github.url, "grid") == EXPECTED
    assert len(github.requests) == 3
    assert asked("github", github.url, "Grid", None) == EXPECTED


def test_a_user_has_a_list_too(github: RecordedGitHub, gitlab: RecordedGitLab) -> None:
    assert asked("github", github.url, "ann") == [Listed("ann/own")]
    assert asked("gitlab", gitlab.url, "ann") == [Listed("ann/own")]


def test_a_group_has_the_projects_of_the_groups_in_it_too(gitlab: RecordedGitLab) -> None:
    assert asked("gitlab", gitlab.url, "grid") == [*EXPECTED, Listed("grid/sub/deep/inner")]
    assert asked("gitlab", gitlab.url, "grid/sub") == [Listed("grid/sub/deep/inner")]


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_list_tells_the_ids_that_polls_tell(kind: str, github: RecordedGitHub, gitlab: RecordedGitLab) -> None:
    url = github.url if kind == "github" else gitlab.url
    [own] = asked(kind, url, "ann")
    forge = made(kind, url, TOKEN)
    [answer] = forge.poll([PollRequest("ann/own", PollDepth.FULL)])
    forge.close()
    assert own.identity.isdecimal()
    assert own.identity == answer.identity


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_an_unknown_one_is_told_from_one_without_repositories(
    kind: str, github: RecordedGitHub, gitlab: RecordedGitLab
) -> None:
    url = github.url if kind == "github" else gitlab.url
    with pytest.raises(RepositoryNotFound) as raised:
        asked(kind, url, "nobody")
    assert str(raised.value).startswith(
        f"forge:nobody/*: {'organisation' if kind == 'github' else 'group'} or user not found on G"
    )


@pytest.mark.parametrize("kind", ["github", "gitlab"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Response.json(200, {"message": "no list"}), ForgeUnavailable),
        (Response.json(200, [{"full_name": "x", "path_with_namespace": "x"}]), ForgeUnavailable),
        (Response.json(200, ["x"]), ForgeUnavailable),
        (Response.json(200, [{"full_name": "grid/..", "path_with_namespace": "grid/.."}]), ForgeUnavailable),
        (Response.json(200, [{"full_name": "grid/a:b", "path_with_namespace": "grid/a\x1bb"}]), ForgeUnavailable),
        (Response.json(200, [{"full_name": "a/b\nc", "path_with_namespace": "a/b\nc"}]), ForgeUnavailable),
        (Response.json(401, {"message": "Bad credentials"}), TokenRefused),
        (Response.json(429, {"message": "slow down"}, {"retry-after": "60"}), RateLimited),
    ],
)
def test_what_is_no_list_is_refused_and_never_taken_for_none(
    kind: str, answer: Response, error: type[ForgeError], github: RecordedGitHub, gitlab: RecordedGitLab
) -> None:
    server: RecordedGitHub | RecordedGitLab = github if kind == "github" else gitlab
    server.interceptor = lambda _: answer
    with pytest.raises(error):
        asked(kind, server.url, "grid")


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_what_belongs_to_others_is_left_out(kind: str, github: RecordedGitHub, gitlab: RecordedGitLab) -> None:
    server: RecordedGitHub | RecordedGitLab = github if kind == "github" else gitlab
    listed = [{"full_name": path, "path_with_namespace": path} for path in ("other/tool", "Grid/tool")]
    server.interceptor = lambda _: Response.json(200, listed)
    assert asked(kind, server.url, "grid") == [Listed("Grid/tool")]
