"""``release-bot poll`` on the recorded history, and when forges fail."""

from dataclasses import replace

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository
from bot.demo.recorded.server import Response
from tests.cli.conftest import CTADIRAC, TOKEN, Product, configuration


def test_a_first_poll_records_every_tag_within_13_requests_and_a_second_asks_once(
    product: Product, github: RecordedGitHub
) -> None:
    product.configure(configuration(github, product.folder))
    cold, warm = product("poll", "--format", "json"), product("poll", "--format", "json")
    [first], [second] = cold.json["repositories"], warm.json["repositories"]
    assert (cold.code, first["status"], first["tags"], len(first["new"])) == (0, "ok", 1114, 1114)
    assert first["unclassified"] == ["grep", "v6e7p27"]
    assert cold.json["requests"] <= 13
    assert (warm.code, second["status"], second["tags"], second["new"]) == (0, "unchanged", 1114, [])
    assert warm.json["requests"] == 1
    assert len(github.requests) == cold.json["requests"] + 1


def test_new_moved_and_deleted_tags_are_told(polled: Product, dirac: RecordedRepository) -> None:
    old = dirac.tags["v7r2p1"]
    dirac.tags["v9r9"] = replace(old, name="v9r9")
    dirac.tags["v7r2p1"] = replace(old, commit="f" * 40)
    del dirac.tags["v7r0p1"]
    [found] = polled("poll", "--format", "json").json["repositories"]
    assert found["new"] == ["v9r9"]
    assert found["moved"] == [{"tag": "v7r2p1", "from": old.commit, "to": "f" * 40}]
    assert found["deleted"] == ["v7r0p1"]
    assert [tag["tag"] for tag in polled("tags", "--deleted", "--format", "json").json] == ["v7r0p1"]
    assert [tag["tag"] for tag in polled("tags", "--moved", "--format", "json").json] == ["v7r2p1"]
    withdrawn = polled("releases", "--series", "v7r0", "--format", "json").json[0]
    assert (withdrawn["version"], withdrawn["state"]) == ("v7r0p1", "withdrawn")
    assert polled("count", "--series", "v7r0", "--format", "json").json["total"] == 56


def test_github_and_gitlab_are_polled_in_one_go(
    product: Product, github: RecordedGitHub, gitlab: RecordedGitLab
) -> None:
    more = (
        f'[forges.cta]\nkind = "gitlab"\nbase_url = "{gitlab.url}"\ntoken_env = "GITLAB_TOKEN"\n'
        f'[[repositories]]\nforge = "cta"\npath = "{CTADIRAC}"\ncounts = "final"\n'
    )
    product.configure(configuration(github, product.folder, more=more))
    said = product("poll", "--format", "json")
    assert [each["tags"] for each in said.json["repositories"]] == [1114, 323]
    [tag] = [tag for tag in product("tags", "CTADIRAC", "--format", "json").json if tag["tag"] == "v1r62p0"]
    assert (tag["release"], tag["annotated"], tag["tagger"] is not None) == ("v1r62p0", True, True)


def test_one_repository_that_fails_harms_no_other(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder, "DIRACGrid/Nowhere", "DIRACGrid/COMDIRAC"))
    said = product("poll", "--format", "json")
    missing, fine = said.json["repositories"]
    assert (said.code, missing["status"], fine["status"], fine["tags"]) == (1, "error", "ok", 41)
    assert said.err.startswith("error: github:DIRACGrid/Nowhere: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response(500, {"content-type": "application/json"}, b'{"message": "Server Error"}'),
        Response(200, {"content-type": "text/html"}, b"<html>maintenance</html>"),
        Response(200, {"content-type": "application/json"}, b'[{"ref": "refs/ta'),
        Response(401, {"content-type": "application/json"}, b'{"message": "Bad credentials"}'),
    ],
    ids=["500", "html", "broken json", "401"],
)
def test_a_bad_answer_is_an_error_that_changes_nothing(
    polled: Product, github: RecordedGitHub, answer: Response
) -> None:
    before = polled("tags", "--format", "json").json
    github.interceptor = lambda _: answer
    said = polled("poll", "--full")
    assert said.code == 1
    assert said.err.startswith("error: github:DIRACGrid/DIRAC: ")
    after = polled("tags", "--format", "json").json
    assert [tag["state"] for tag in after] == [tag["state"] for tag in before]


def test_a_repository_without_tags_is_fine_and_so_is_one_without_commits(
    product: Product, github: RecordedGitHub
) -> None:
    product.configure(configuration(github, product.folder, "DIRACGrid/management"))
    assert product("poll", "--format", "json").json["repositories"][0]["tags"] == 0
    empty = b'{"message": "Git Repository is empty.", "status": "409"}'

    github.interceptor = lambda _: Response(409, {"content-type": "application/json"}, empty)
    said = product("poll", "--format", "json")
    assert (said.code, said.json["repositories"][0]["status"]) == (0, "empty")


def test_a_token_never_shows(polled: Product, github: RecordedGitHub) -> None:
    github.interceptor = lambda _: Response(401, {"content-type": "application/json"}, TOKEN.encode())
    said = polled("--log-level", "debug", "poll")
    assert said.code == 1
    assert TOKEN not in said.out + said.err
    assert TOKEN.encode() not in (polled.folder / "bot.db").read_bytes()


def test_a_repository_whose_path_was_changed_keeps_its_history_unless_both_paths_are_watched(
    polled: Product, github: RecordedGitHub, dirac: RecordedRepository
) -> None:
    github.repositories.add(replace(dirac, path="DIRACGrid/core", identity=dirac.path))
    first_seen = {tag["first_seen"] for tag in polled("tags", "--format", "json").json}
    polled.configure(configuration(github, polled.folder, "DIRACGrid/core", "DIRACGrid/DIRAC"))
    both = polled("poll", "github:DIRACGrid/core", "--format", "json")
    assert (both.json["repositories"][0]["status"], both.err) == ("ok", "")
    github.repositories.add(replace(dirac, path="DIRACGrid/kernel", identity=dirac.path))
    polled.configure(configuration(github, polled.folder, "DIRACGrid/core", "DIRACGrid/kernel"))
    said = polled("poll", "--format", "json")
    told = "note: github:DIRACGrid/kernel: history of github:DIRACGrid/DIRAC continues as github:DIRACGrid/kernel"
    assert (said.code, told in said.err) == (0, True)
    assert [each["status"] for each in said.json["repositories"]] == ["unchanged", "unchanged"]
    assert {tag["first_seen"] for tag in polled("tags", "kernel", "--format", "json").json} == first_seen
