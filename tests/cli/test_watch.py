"""``release-bot watch``: what is watched, what it would be, and the file that says so."""

from dataclasses import replace

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository
from tests.cli.conftest import TOKEN, Product, configuration


def test_the_list_names_rules_origin_and_what_is_held(polled: Product) -> None:
    said = polled("watch", "list")
    assert said.code == 0
    sentence, head, line = said.out.splitlines()
    assert sentence == "I watch 1 repository"
    assert head.split() == ["repository", "name", "scheme", "counts", "from", "tags", "polled"]
    assert line.split()[:6] == ["github:DIRACGrid/DIRAC", "DIRAC", "dirac", "patch", str(polled.config), "1,114"]
    [one] = polled("watch", "list", "--format", "json").json
    assert (one["repository"], one["origin"], one["tags"]) == ("github:DIRACGrid/DIRAC", str(polled.config), 1114)


def test_a_check_says_how_tags_are_read_and_records_nothing(polled: Product) -> None:
    said = polled("watch", "check", "github:DIRACGrid/COMDIRAC")
    assert said.code == 0
    first, scheme, *_, last, counts = said.out.splitlines()
    assert first == "github:DIRACGrid/COMDIRAC: 41 tags"
    assert scheme == "  dirac: 41 of 41 tags match, 33 releases"
    assert last.startswith("  latest: v")
    assert counts == "  counts: final releases (guessed from the tags)"
    assert len(polled("watch", "list", "--format", "json").json) == 1
    found = polled("watch", "check", "github:DIRACGrid/DIRAC", "--format", "json").json
    assert (found["scheme"], found["tags"], found["unclassified"]) == ("dirac", 1114, ["grep", "v6e7p27"])
    assert ["v7.2.1", "v7r2p1"] in found["twins"]
    assert all(twins in found["twins"] for twins in found["twins_apart"])
    assert found["last"][0]["twins_apart"] is False
    assert found["schemes"]["semver"] > 900
    assert found["last"][0]["version"].startswith("v9")


def test_a_scheme_that_is_named_is_tried_alone(polled: Product) -> None:
    found = polled("watch", "check", "github:DIRACGrid/DIRAC", "--scheme", "semver", "--format", "json").json
    assert found["schemes"].keys() == {"semver"}


def test_a_repository_is_added_with_what_fits_and_then_polled_and_removed_again(polled: Product) -> None:
    before = polled.config.read_text()
    said = polled("watch", "add", "github:DIRACGrid/COMDIRAC", "--yes")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("github:DIRACGrid/COMDIRAC: 41 tags\n")
    assert "github:DIRACGrid/COMDIRAC is now watched." in said.out
    [_, added] = polled("watch", "list", "--format", "json").json
    assert (added["repository"], added["scheme"], added["counts"]) == ("github:DIRACGrid/COMDIRAC", "dirac", "final")
    assert polled("poll", "COMDIRAC").code == 0
    said = polled("watch", "remove", "COMDIRAC", "--yes")
    assert (said.code, said.out) == (
        0,
        "github:DIRACGrid/COMDIRAC is no longer watched; its recorded history is kept\n",
    )
    assert len(polled("watch", "list", "--format", "json").json) == 1
    assert [each["change"] for each in polled("watch", "changes", "--format", "json").json] == ["watch", "unwatch"]
    assert polled.config.read_text() == before


def test_what_is_given_is_kept_as_given(polled: Product) -> None:
    options = ("--scheme", "pep440", "--prefix", "rel-", "--name", "Commands", "--counts", "patch", "-y")
    assert polled("watch", "add", "github:DIRACGrid/COMDIRAC", *options).code == 0
    [_, added] = polled("watch", "list", "--format", "json").json
    assert (added["name"], added["scheme"], added["counts"]) == ("Commands", "pep440", "patch")
    assert polled("ask", "undo watch").out.startswith("github:DIRACGrid/COMDIRAC: change 1 (watch) undone")
    assert len(polled("watch", "list", "--format", "json").json) == 1


def test_what_the_file_names_can_be_removed_and_taken_back(polled: Product) -> None:
    assert polled("watch", "remove", "DIRAC", "--yes").code == 0
    listed = polled("watch", "list")
    assert "not watched: github:DIRACGrid/DIRAC: unwatched by" in listed.out
    assert polled("ask", "undo watch").code == 0
    assert len(polled("watch", "list", "--format", "json").json) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("add", "DIRAC"), 2, 'repository "DIRAC": not FORGE:PATH; example: github:DIRACGrid/DIRAC'),
        (
            ("add", "github:DIRACGrid/DIRAC"),
            2,
            "github:DIRACGrid/DIRAC: is already watched; see: release-bot watch list",
        ),
        (("add", "gitlab:a/b"), 2, 'repository "gitlab:a/b": no forge "gitlab"; configured: github'),
        (("add", "github:DIRACGrid/Nowhere"), 1, "github:DIRACGrid/Nowhere: repository not found on GitHub; "),
        (("add", "github:DIRACGrid/COMDIRAC"), 2, "watch: not a terminal; use --yes to confirm"),
        (("remove", "Pilot", "-y"), 2, 'repository "Pilot": not watched; '),
        (("remove", "x/*", "-y"), 2, 'organisation "x/*": not watched; watched: none'),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(
    product: Product, github: RecordedGitHub, arguments: tuple[str, ...], code: int, error: str
) -> None:
    product.configure(configuration(github, product.folder, "DIRACGrid/DIRAC", "DIRACGrid/management"))
    before = product.config.read_text()
    said = product("watch", *arguments)
    assert said.code == code
    assert said.err.startswith(f"error: {error}")
    assert said.err.count("\n") == 1
    assert TOKEN not in said.out + said.err
    assert product.config.read_text() == before


def test_a_repository_that_something_else_means_is_not_removed(polled: Product) -> None:
    digest = (
        '[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'
        'repositories = ["DIRAC"]\n'
    )
    polled.configure(polled.config.read_text() + digest)
    said = polled("watch", "remove", "DIRAC", "--yes")
    assert said.code == 2
    assert said.err.startswith("error: github:DIRACGrid/DIRAC: is named by a digest or a certification")
    assert len(polled("watch", "list", "--format", "json").json) == 1


def test_another_repository_at_a_path_is_accepted_and_nothing_of_it_is_announced(
    polled: Product, dirac: RecordedRepository
) -> None:
    key = "github:DIRACGrid/DIRAC"
    dirac.identity = "another"
    kept = dirac.tags["v7r1"]
    dirac.tags.clear()
    dirac.put(kept, replace(kept, name="v99r0"))
    said = polled("poll", "--full")
    assert (said.code, "another repository is now at this path (id " in said.err) == (1, True)
    assert f"release-bot watch accept {key}" in said.err
    assert len(polled("tags", "--format", "json").json) == 1114
    accepted = polled("watch", "accept", "DIRAC")
    assert (accepted.code, accepted.err) == (0, "")
    assert accepted.out.startswith(f"{key}: now watching the repository at this path. ")
    said = polled("poll")
    assert said.code == 0
    tags = polled("tags", "--format", "json").json
    assert {tag["tag"]: tag["state"] for tag in tags} == {"v7r1": "current", "v99r0": "current"}
    [change] = polled("watch", "changes", "--format", "json").json
    assert (change["change"], change["target"]) == ("accept", key)
    assert "no other repository found at this path" in polled("ask", f"watch accept {key}").out
    assert "began the history of another repository and cannot be undone" in polled("ask", "undo watch").out
