"""What a forge that is only a git server promises, whichever way it is asked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails
from bot.services.ports import EvidenceRequest, ForgeUnavailable, PollAnswer, PollRequest, RepositoryNotFound
from tests.forges.conftest import NOW, after
from tests.forges.git_places import MADE, GitOverHttp, GitSide, Repository, git_daemon, tool

TOOL = PollRequest("team/tool")


@pytest.fixture(params=["https", "file", "git"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GitSide]:
    """A server of each kind; what differs between http and https is not git's."""
    if request.param == "file":
        yield GitSide(tmp_path, f"file://{tmp_path}")
    elif request.param == "git":
        with git_daemon(tmp_path) as url:
            yield GitSide(tmp_path, url)
    else:
        with GitOverHttp(tmp_path) as server:
            yield GitSide(tmp_path, server.url)


def targets(answer: PollAnswer) -> dict[str, str]:
    return {ref.name: ref.target for ref in answer.refs or ()}


@pytest.mark.parametrize("filters", ["true", "false"])
def test_every_tag_comes_with_every_date(side: GitSide, filters: str) -> None:
    made = tool(side.root)
    made.configure("uploadpack.allowFilter", filters)
    [answer] = side.ask(TOOL)
    assert (answer.error, answer.notice) == (None, "")
    first, second = targets(answer)["v1r0"], targets(answer)["rel/v1r2"]
    committed = MADE + timedelta(days=1)
    assert dict(answer.details) == {
        "v1r0": TagDetails(first, committed=MADE),
        "v1r1": TagDetails(second, tagger=MADE + timedelta(days=2), committed=committed),
        "rel/v1r2": TagDetails(second, committed=committed),
        "größe+1": TagDetails(first, committed=MADE),
        "untold": TagDetails(first, committed=MADE),
        "nested": TagDetails(second, tagger=MADE + timedelta(days=3), committed=committed),
        "logo": TagDetails(None),
        "signed-logo": TagDetails(None, tagger=MADE + timedelta(days=4)),
        "files": TagDetails(None),
        "signed-files": TagDetails(None, tagger=MADE + timedelta(days=5)),
    }
    annotated = {ref.name for ref in answer.refs or () if ref.annotated}
    assert annotated == {"v1r1", "untold", "nested", "signed-logo", "signed-files"}


def test_a_server_that_refuses_filters_tells_the_dates_too(side: GitSide) -> None:
    made = tool(side.root)
    made.configure("uploadpack.allowFilter", "true")
    made.configure("uploadpackfilter.allow", "false")
    [answer] = side.ask(TOOL)
    assert len(answer.details) == 10


def test_a_repository_without_tags_has_none_and_that_is_no_error(side: GitSide) -> None:
    Repository.make(side.root / "none.git")
    [answer] = side.ask(PollRequest("none.git"))
    assert (answer.refs, answer.error, answer.requests) == ((), None, 2)


def test_asked_again_nothing_has_changed_and_one_listing_tells(side: GitSide) -> None:
    tool(side.root)
    [first] = side.ask(TOOL)
    [again] = side.ask(after(first))
    assert (again.refs, again.error, again.requests) == (None, None, 1)
    assert again.validator == first.validator


def test_a_full_poll_lists_every_tag_and_asks_for_no_date_that_cannot_have_changed(side: GitSide) -> None:
    tool(side.root)
    [first] = side.ask(TOOL)
    [full] = side.ask(after(first, PollDepth.FULL))
    assert full.refs == first.refs
    assert (full.requests, full.error) == (1, None)


def test_dates_that_are_not_known_are_asked_for_though_no_tag_changed(side: GitSide) -> None:
    tool(side.root)
    [first] = side.ask(TOOL)
    [again] = side.ask(after(first, missing=["v1r1"]))
    assert again.refs is None
    assert dict(again.details) == {"v1r1": first.details["v1r1"]}


def test_a_tag_on_an_old_commit_a_moved_one_and_a_deleted_one_are_found(side: GitSide) -> None:
    made = tool(side.root)
    [first] = side.ask(TOOL)
    old, new = made.commit(MADE - timedelta(days=3650)), made.commit(MADE + timedelta(days=9))
    made.put(v0r9=old, v1r0=new)
    made.drop("rel/v1r2")
    [second] = side.ask(after(first))
    assert targets(second) == {name: oid for name, oid in targets(first).items() if name != "rel/v1r2"} | {
        "v0r9": old,
        "v1r0": new,
    }
    assert dict(second.details) == {
        "v0r9": TagDetails(old, committed=MADE - timedelta(days=3650)),
        "v1r0": TagDetails(new, committed=MADE + timedelta(days=9)),
    }


def test_an_unknown_repository_is_told_and_the_others_are_answered(side: GitSide) -> None:
    tool(side.root)
    missing, fine = side.ask(PollRequest("team/nowhere"), TOOL)
    assert isinstance(missing.error, RepositoryNotFound)
    assert missing.error.where == "forge:team/nowhere"
    assert "check base_url and the path" in missing.error.hint
    assert missing.refs is None
    assert fine.error is None


def test_a_repository_that_vanishes_is_an_error_and_never_one_without_tags(side: GitSide) -> None:
    made = tool(side.root)
    [first] = side.ask(TOOL)
    made.folder.rename(side.root / "gone")
    [second] = side.ask(after(first))
    assert isinstance(second.error, RepositoryNotFound)
    assert second.refs is None


def test_a_path_is_never_an_option_nor_a_command(side: GitSide) -> None:
    answers = side.ask(PollRequest("--upload-pack=touch/x"), PollRequest("a'b;c/$(d)"), PollRequest("%2e%2e/x"))
    assert all(isinstance(answer.error, RepositoryNotFound) for answer in answers)


def test_one_object_that_cannot_be_read_keeps_no_other_tag_from_its_dates(side: GitSide) -> None:
    made = Repository.make(side.root / "team" / "tool.git")
    commits = {f"v1r{number}": made.commit(MADE + timedelta(days=number), str(number)) for number in range(20)}
    made.put_all(commits)
    made.spoil(commits["v1r7"])
    [answer] = side.ask(TOOL)
    assert targets(answer) == commits
    assert set(answer.details) == set(commits) - {"v1r7"}
    assert answer.notice.startswith("dates of 1 tag not fetched yet")


def test_more_tags_than_one_batch_all_come_with_dates(side: GitSide) -> None:
    made = Repository.make(side.root / "team" / "tool.git")
    made.put_all({f"v1r{number}": made.commit(MADE) for number in [1]} | dict.fromkeys(names(700), made.commit(MADE)))
    [answer] = side.ask(TOOL)
    assert len(answer.details) == 701
    assert answer.requests == 3


def names(count: int) -> list[str]:
    return [f"v2r{number}" for number in range(count)]


def test_the_newest_versions_dates_come_first(side: GitSide) -> None:
    made = Repository.make(side.root / "team" / "tool.git")
    commits = {f"v{number}": made.commit(MADE, str(number)) for number in range(9)}
    made.put_all(commits)
    for name in ("v2", "v3", "v4"):
        made.spoil(commits[name])
    [answer] = side.ask(PollRequest("team/tool", rank=lambda name: name))
    assert {"v8", "v7", "v6", "v5"} <= set(answer.details)


def test_a_repository_of_newer_hashes_is_read(side: GitSide) -> None:
    made = Repository.make(side.root / "team" / "tool.git", "--object-format=sha256")
    commit = made.commit(MADE)
    made.put(v1r0=commit)
    [answer] = side.ask(TOOL)
    assert len(commit) == 64
    assert dict(answer.details) == {"v1r0": TagDetails(commit, committed=MADE)}


def test_nothing_is_told_of_certifications(side: GitSide) -> None:
    forge = side.forge()
    answer = forge.evidence(EvidenceRequest("team/tool", NOW))
    forge.close()
    assert (answer.milestones, answer.pulls, answer.issues, answer.error) == (None, None, {}, None)


def test_many_repositories_are_all_answered(side: GitSide) -> None:
    paths = [f"team/r{number}" for number in range(20)]
    for path in paths:
        made = Repository.make(side.root / f"{path}.git")
        made.put(v1=made.commit(MADE))
    answers = side.ask(*map(PollRequest, paths))
    assert [answer.path for answer in answers if len(answer.details) == 1] == paths


def test_no_git_is_told_in_one_line(tmp_path: Path) -> None:
    [answer] = GitSide(tmp_path, "file:///srv").ask(TOOL, variables={"PATH": str(tmp_path)})
    assert isinstance(answer.error, ForgeUnavailable)
    assert str(answer.error).startswith("forge:team/tool: git is not installed; install git 2.32 or later")


def test_a_git_that_would_read_the_users_configuration_is_not_used(tmp_path: Path) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(0o755)
    [answer] = GitSide(tmp_path, "file:///srv").ask(TOOL, variables={"PATH": str(tmp_path)})
    assert "is older than git 2.32" in str(answer.error)
