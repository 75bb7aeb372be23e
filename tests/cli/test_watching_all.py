"""What is watched beside single repositories of the file: organisations, and what people said in words."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository, RecordedTag, load
from tests.builders import paris
from tests.cli.conftest import TOKEN, Product, configuration

EVERY = "github:DIRACGrid/*"


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    repositories = [load(f"DIRACGrid/{name}") for name in ("DIRAC", "COMDIRAC", "diracx")]
    forked = RecordedRepository("DIRACGrid/forked", fork=True)
    with RecordedGitHub([*repositories, forked], tokens=[TOKEN], now=now) as server:
        yield server


def keys(product: Product) -> list[str]:
    return [each["repository"] for each in product("watch", "list", "--format", "json").json]


def test_an_organisation_is_shown_written_listed_polled_and_read_as_fits(polled: Product) -> None:
    said = polled("watch", "add", EVERY, "--exclude", "^COM", "--yes")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[:3] == [
        f"{EVERY}: 2 repositories would be watched, and new ones",
        "  DIRACGrid/DIRAC",
        "  DIRACGrid/diracx",
    ]
    assert "github:DIRACGrid/*: not listed yet" in polled("watch", "list").out
    assert polled("poll").code == 0
    listed = {each["repository"]: each for each in polled("watch", "list", "--format", "json").json}
    assert listed["github:DIRACGrid/DIRAC"]["origin"] == str(polled.config)
    diracx = listed["github:DIRACGrid/diracx"]
    assert (diracx["origin"], diracx["scheme"]) == (EVERY, "pep440")
    assert f"{EVERY}: 4 repositories, 1 watched through it; listed " in polled("watch", "list").out
    assert polled("count", EVERY, "--kind", "all", "--format", "json").json["total"] > 0


def test_a_new_repository_is_followed_and_one_that_is_gone_is_not(polled: Product, github: RecordedGitHub) -> None:
    polled("watch", "add", EVERY, "--yes")
    assert polled("poll").code == 0
    github.repositories.add(RecordedRepository("DIRACGrid/new"))
    assert "github:DIRACGrid/new" not in keys(polled)
    assert polled("poll").code == 0
    assert "github:DIRACGrid/new" not in keys(polled)
    assert polled("poll", "--full").code == 0
    assert "github:DIRACGrid/new" in keys(polled)
    github.repositories.remove("DIRACGrid/new")
    polled("poll", "--full")
    assert "github:DIRACGrid/new" in keys(polled)
    polled("poll", "--full")
    assert "github:DIRACGrid/new" not in keys(polled)


def test_an_organisation_that_cannot_be_listed_is_told_and_stops_nothing(
    polled: Product, github: RecordedGitHub
) -> None:
    polled.configure(polled.config.read_text() + '[[organisations]]\nforge = "github"\npath = "DIRACGrid"\n')
    polled("poll")
    github.users.add("DIRACGrid")
    polled.configure(polled.config.read_text().replace('path = "DIRACGrid"', 'path = "nobody"'))
    said = polled("poll")
    assert said.code == 1
    assert said.err == "error: github:nobody/*: organisation or user not found on GitHub; check the name\n"
    assert said.out.startswith("repository")
    status = polled("status")
    assert (status.code, "github:nobody/*: 0 repositories, 0 watched through it; listing failed " in status.out) == (
        1,
        True,
    )
    assert polled("doctor").code == 1
    digest = '[[digests]]\nname = "d"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "1m"\n'
    polled.configure(polled.config.read_text() + digest)
    assert polled("digest", "d", "--format", "json").json["problems"][-1] == {
        "repository": "github:nobody/*",
        "problem": "cannot be listed (organisation or user not found on GitHub; check the name): "
        "new repositories are missing here",
    }


def test_an_organisation_is_watched_and_no_longer_watched(polled: Product) -> None:
    before = keys(polled)
    polled("watch", "add", EVERY, "--exclude", "^COM", "--yes")
    polled("poll")
    assert "github:DIRACGrid/diracx" in keys(polled)
    assert "github:DIRACGrid/COMDIRAC" not in keys(polled)
    said = polled("watch", "remove", EVERY.lower(), "--yes")
    assert (said.code, said.out) == (0, f"{EVERY} is no longer watched; its recorded history is kept\n")
    assert keys(polled) == before


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("check", "github:nobody/*"), 1, "github:nobody/*: organisation or user not found on GitHub; check the name"),
        (("add", EVERY, "--name", "x"), 2, "--name: not valid for an organisation; remove the option"),
        (("add", "github:a/b", "--forks"), 2, "--forks: not valid for a single repository; use FORGE:OWNER/* for"),
        (("add", EVERY, "--include", "["), 2, 'include: invalid regular expression "[": unterminated character set'),
        (("add", "gitlab:a/*"), 2, 'repository "gitlab:a/*": no forge "gitlab"; configured: github'),
        (("remove", EVERY, "-y"), 2, f'organisation "{EVERY}": not watched; watched: none'),
    ],
)
def test_what_cannot_be_is_one_line(polled: Product, arguments: tuple[str, ...], code: int, error: str) -> None:
    before = polled.config.read_text()
    said = polled("watch", *arguments)
    assert (said.code, said.err.count("\n")) == (code, 1)
    assert said.err.startswith(f"error: {error}")
    assert polled.config.read_text() == before


def test_a_check_of_an_organisation_lists_what_would_be_watched(polled: Product) -> None:
    found = polled("watch", "check", EVERY, "--forks", "--format", "json").json
    assert [each["path"] for each in found["repositories"]] == [
        "DIRACGrid/DIRAC",
        "DIRACGrid/COMDIRAC",
        "DIRACGrid/diracx",
        "DIRACGrid/forked",
    ]
    assert found["repositories"][-1]["fork"]


def test_what_is_said_is_watched_polled_counted_and_taken_back(polled: Product) -> None:
    said = polled("ask", "watch github:DIRACGrid/diracx")
    assert said.code == 0
    first, scheme, *_ = said.out.splitlines()
    assert first == "Now watching github:DIRACGrid/diracx"
    assert scheme.startswith("  pep440: ")
    assert "to undo: undo watch 1" in said.out
    assert keys(polled) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/diracx"]
    assert polled("poll", "diracx").code == 0
    assert polled("latest", "diracx", "--format", "json").json != []
    assert polled("ask", "unwatch diracx").out.startswith("github:DIRACGrid/diracx is no longer watched; its ")
    assert keys(polled) == ["github:DIRACGrid/DIRAC"]
    assert "not watched: github:DIRACGrid/diracx" not in polled("watch", "list").out
    assert polled("ask", "undo").out.startswith("github:DIRACGrid/diracx: change 2 (unwatch) undone")
    assert keys(polled) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/diracx"]
    made = polled("watch", "changes", "--format", "json").json
    assert [(each["number"], each["change"], each["undoes"]) for each in made] == [
        (1, "watch", None),
        (2, "unwatch", None),
        (3, "undo", 2),
    ]
    assert "undo 2" in polled("watch", "changes").out


def test_what_was_said_in_words_is_removed_by_the_command_too(polled: Product) -> None:
    polled("ask", "watch github:DIRACGrid/diracx")
    assert polled("watch", "remove", "diracx", "--yes").code == 0
    assert "github:DIRACGrid/diracx" not in keys(polled)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("watch github:DIRACGrid/DIRAC", "is already watched"),
        ("watch github:DIRACGrid/nowhere", "repository not found on GitHub"),
        ("watch sourceforge:a/b", 'no forge "sourceforge"; configured: github'),
        ("unwatch Pilot", "not watched"),
        ("unwatch github:other/*", 'organisation "github:other/*": not watched'),
        ("undo watch", "not found"),
        ("undo watch 7", "change 7 to the watch list: not found"),
    ],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(polled: Product, words: str, reason: str) -> None:
    said = polled("ask", words)
    assert said.code == 0
    assert said.out.startswith("Sorry, ")
    assert reason in said.out
    assert polled("watch", "changes", "--format", "json").json == []


def test_an_organisation_can_be_watched_in_words(polled: Product) -> None:
    assert polled("ask", f"watch {EVERY}").out.startswith(f"Now watching {EVERY}: 3 repositories, and new ones")
    polled("poll")
    assert keys(polled) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/COMDIRAC", "github:DIRACGrid/diracx"]
    assert polled("ask", f"unwatch {EVERY}").out.startswith(f"{EVERY} is no longer watched")
    assert keys(polled) == ["github:DIRACGrid/DIRAC"]


def test_what_a_digest_names_is_not_unwatched(polled: Product, github: RecordedGitHub) -> None:
    digest = '[[digests]]\nname = "d"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "1m"\n'
    polled.configure(configuration(github, polled.folder, more=digest + 'repositories = ["DIRAC"]\n'))
    assert "is named by a digest or a certification of the configuration file" in polled("ask", "unwatch DIRAC").out
    polled.configure(configuration(github, polled.folder, more=digest))
    polled("ask", "unwatch DIRAC")
    assert polled("watch", "list").out.splitlines()[-1].startswith("not watched: github:DIRACGrid/DIRAC: unwatched by ")


def test_other_rules_of_an_organisation_are_taken_up_by_whatever_is_said_next(polled: Product) -> None:
    def total() -> int:
        found: int = polled("count", "diracx", "--kind", "all", "--format", "json").json["total"]
        return found

    table = '[[organisations]]\nforge = "github"\npath = "DIRACGrid"\n'
    polled.configure(polled.config.read_text() + table)
    polled("poll")
    best = total()
    polled.configure(polled.config.read_text() + 'scheme = "semver"\n')
    assert polled("db", "upgrade").code == 0
    assert total() < best


def recorded(path: str, *names: str) -> RecordedRepository:
    made = paris("2020-01-01T12:00")
    tags = {name: RecordedTag(name, f"{at:040x}", made + timedelta(weeks=at)) for at, name in enumerate(names, 1)}
    return RecordedRepository(path, tags)


def test_a_member_whose_tags_fit_no_scheme_is_marked_in_every_answer_and_told(
    product: Product, github: RecordedGitHub
) -> None:
    github.repositories.add(recorded("x/odd", *(f"1.0.{n}" for n in range(6)), *(f"build{n}x" for n in range(4))))
    product.configure(configuration(github, product.folder, more='[[organisations]]\nforge = "github"\npath = "x"\n'))
    [_, outcome] = product("poll", "--format", "json").json["repositories"]
    # The report of the first poll is by the scheme that was chosen then.
    assert (outcome["repository"], len(outcome["unclassified"])) == ("github:x/odd", 4)
    marked = "version scheme guessed, fits badly: odd"
    for words in (
        ["count", "odd"],
        ["latest", "odd"],
        ["releases", "odd"],
        ["ask", "how many releases of odd in 2020?"],
    ):
        assert marked in product(*words).out, words
    assert marked not in product("count", "DIRAC").out
    line = "github:x/odd: version scheme guessed, fits badly; 4 of 10 tags match no version scheme"
    assert line in product("status").out
    assert line in product("doctor").out


def test_packages_of_one_repository_are_proposed_watched_counted_and_removed(
    polled: Product, github: RecordedGitHub
) -> None:
    names = [each for n in range(5) for each in (f"v3.5.{n}", f"api/v3.5.{n}")]
    github.repositories.add(recorded("x/etcd", *names, "grep"))
    target = "github:x/etcd"
    shown = polled("watch", "check", target, "--format", "json").json
    assert (shown["prefix"], shown["unclassified"], shown["is_doubtful"]) == ("", ["grep"], False)
    [product] = shown["products"]
    assert (product["repository"], product["prefix"], product["tags"]) == (f"{target}#api", "api/", 5)
    assert '  product api: semver with prefix "api/": 5 of 5 tags match' in polled("watch", "check", target).out
    assert polled("watch", "add", target, "--yes").code == 0
    assert polled("poll", target).code == 0
    assert polled("count", f"{target}#api", "--format", "json").json["total"] == 4
    assert polled("watch", "changes", "--format", "json").json[0]["products"] == ["api"]
    assert polled("watch", "remove", target, "--yes").code == 0
    assert keys(polled) == ["github:DIRACGrid/DIRAC"]
