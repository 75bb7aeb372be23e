"""``release-bot status``: how the bot is doing, for people and for monitoring."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import Request, Response
from tests.cli.conftest import TOKEN, Product, configuration

DIGEST = '[[digests]]\nname = "weekly"\nchannel = "#dirac"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'


def test_after_a_poll_it_is_fine(polled: Product) -> None:
    said = polled("status")
    assert (said.code, said.err) == (0, "")
    first, forge, rest, graphql, digests = said.out.strip().split("\n")
    assert first.startswith("1 repository, 1,114 tags: data as of ")
    assert forge == "github: 1 repository, polled every 10 min, fully every 60 min"
    assert rest.startswith("  core: polling uses about 1.0 of 120,000 requests a day (0.0 %; cap 50 %); 4,99")
    assert graphql.startswith("  graphql: polling uses about 14 of 120,000")
    assert digests == "no pending digests"


def test_json_has_everything_with_stable_keys(polled: Product) -> None:
    said = polled("status", "--format", "json").json
    assert (said["is_fine"], said["deliveries"]) == (True, {"pending": 0, "sending": 0, "failed": 0})
    [repository] = said["repositories"]
    assert (repository["repository"], repository["tags"], repository["error"]) == ("github:DIRACGrid/DIRAC", 1114, None)
    assert repository["polled_at"] == repository["complete_at"] == said["complete_until"]
    assert repository["next_poll"] > repository["polled_at"]
    [forge] = said["forges"]
    assert [limit["resource"] for limit in forge["limits"]] == ["core", "graphql"]
    assert (forge["limits"][0]["limit"], forge["slower"]) == (5000, 1.0)


def test_before_the_first_poll_the_exit_code_says_that_something_is_wrong(
    product: Product, github: RecordedGitHub
) -> None:
    product.configure(configuration(github, product.folder))
    assert product("db", "upgrade").code == 0
    said = product("status")
    assert said.code == 1
    assert "github:DIRACGrid/DIRAC: never checked" in said.out
    assert "rate limit not known yet" in said.out
    assert github.requests == []


def test_no_token_is_shown(polled: Product) -> None:
    assert TOKEN not in polled("status").out + polled("status", "--format", "json").out


def test_without_a_token_the_intervals_are_stretched_and_it_is_said(product: Product, github: RecordedGitHub) -> None:
    text = configuration(github, product.folder, "DIRACGrid/DIRAC", "DIRACGrid/COMDIRAC")
    product.configure(text.replace('token_env = "GITHUB_TOKEN"\n', "") + "[poll]\nevery = '1m'\n")
    product("poll")
    said = product("status")
    assert "times slower than configured to stay below the rate limit" in said.out
    assert "(50.0 %; cap 50 %)" in said.out


def test_a_renamed_repository_is_told_by_status_and_digest(product: Product, github: RecordedGitHub) -> None:
    def renamed(request: Request) -> Response | None:
        if request.path == "/graphql":
            return github.answer(replace(request, body=request.body.replace(b"DIRACOld", b"DIRACGrid")))
        if "DIRACOld" in request.path:
            return Response(301, {"location": github.url + request.path.replace("DIRACOld", "DIRACGrid")}, b"{}")
        return None

    github.interceptor = renamed
    product.configure(configuration(github, product.folder, "DIRACOld/DIRAC", more=DIGEST))
    assert product("poll").code == 0
    said = product("status")
    assert said.code == 0
    assert said.out.strip().endswith("github:DIRACOld/DIRAC renamed to DIRACGrid/DIRAC; update its path")
    [repository] = product("status", "--format", "json").json["repositories"]
    assert repository["renamed"] == "renamed to DIRACGrid/DIRAC; update its path"
    assert "DIRACOld/DIRAC: renamed to DIRACGrid/DIRAC; update its path" in product("digest", "weekly").out


def test_what_a_clock_that_was_ahead_has_recorded_is_told_until_the_next_poll(polled: Product) -> None:
    with closing(sqlite3.connect(polled.folder / "bot.db")) as database:
        database.execute("UPDATE repositories SET polled_at = datetime(polled_at, '+1 day') || '.000000'")
        database.commit()
    said = polled("status")
    assert said.code == 1
    told = next(line for line in said.out.splitlines() if line.startswith("timestamps in the future: polls ("))
    assert told.endswith("this machine's clock is behind. Check the clocks; polling and posting continue")
    assert "data as of" not in said.out
    assert [each["of"] for each in polled("status", "--format", "json").json["future"]] == ["polls"]
    assert polled("count", "--period", "1m", "--format", "json").json["complete_until"] is None
    doctor = polled("doctor")
    assert "timestamps in the future: polls (" in doctor.out
    assert polled("poll").code == 0
    assert "timestamps in the future" not in polled("status").out
