"""Addresses as they are pasted, and the repositories that they may mean."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.pasted import Pasted, read_pasted
from bot.domain.errors import UsageError
from tests.forges.git_places import run_git

PUBLIC = Pasted("github", "github", None, "my-lab/lib")


@pytest.mark.parametrize(
    "text",
    [
        "my-lab/lib",
        "github:my-lab/lib",
        "github.com/my-lab/lib",
        "https://github.com/my-lab/lib",
        "  <https://www.github.com/my-lab/lib/>, ",
        "https://github.com/my-lab/lib.git",
        "http://github.com/my-lab/lib/releases/tag/v1.0.0",
        "https://github.com/my-lab/lib/tree/main/src?tab=readme#top",
        "https://jdoe:secret@github.com/my-lab/lib",
        "https://api.github.com/repos/my-lab/lib/tags",
        "https://raw.githubusercontent.com/my-lab/lib/main/README.md",
        "git@github.com:my-lab/lib.git",
        "ssh://git@github.com/my-lab/lib.git",
        "git+ssh://git@github.com/my-lab/lib.git",
        "git://github.com/my-lab/lib.git",
        "git clone --bare https://github.com/my-lab/lib.git",
    ],
)
def test_every_form_of_a_repository_on_github_is_the_same(text: str) -> None:
    assert read_pasted(text) == (PUBLIC,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gitlab:a/b/c", [("gitlab", None, "a/b/c")]),
        ("https://gitlab.com/a/b/c/-/releases", [("gitlab", None, "a/b/c")]),
        (
            "https://gitlab.cern.ch/a/b/c/-/tags",
            [("gitlab", "https://gitlab.cern.ch", "a/b/c"), ("git", "https://gitlab.cern.ch/", "a/b/c")],
        ),
        (
            "git@gitlab.cern.ch:a/b.git",
            [("gitlab", "https://gitlab.cern.ch", "a/b"), ("git", "ssh://git@gitlab.cern.ch/", "a/b.git")],
        ),
        (
            "https://github.example.org/a/b/pulls",
            [("github", "https://github.example.org/api/v3", "a/b"), ("git", "https://github.example.org/", "a/b")],
        ),
        (
            "https://jdoe:secret@git.example.org:8443/p/q.git",
            [("gitlab", "https://git.example.org:8443", "p/q"), ("git", "https://git.example.org:8443/", "p/q.git")],
        ),
        ("ssh://git@git.example.org:2222/p/q.git", [("git", "ssh://git@git.example.org:2222/", "p/q.git")]),
        ("git://git.example.org/p.git", [("git", "git://git.example.org/", "p.git")]),
    ],
)
def test_another_server_may_be_of_several_kinds(text: str, found: list[tuple[str, str | None, str]]) -> None:
    read = read_pasted(text)
    assert [(each.kind, each.base_url, each.path) for each in read] == found
    assert all("secret" not in repr(each) for each in read)


def test_each_server_has_a_variable_of_its_own_for_its_token() -> None:
    named = {text: read_pasted(text)[0].variable for text in ("a/b", "gitlab:a/b", "https://gitlab.cern.ch/a/b")}
    assert list(named.values()) == ["GITHUB_TOKEN", "GITLAB_TOKEN", "GITLAB_CERN_CH_TOKEN"]
    assert read_pasted("ssh://git@git.example.org/a")[0].variable is None


def test_a_kind_that_is_named_is_the_only_one() -> None:
    assert read_pasted("http://127.0.0.1:8080/a/b", "github") == (
        Pasted("127.0.0.1", "github", "http://127.0.0.1:8080", "a/b"),
    )
    [plain] = read_pasted("https://github.com/a/b", "git")
    assert (plain.kind, plain.base_url, plain.path) == ("git", "https://github.com/", "a/b")


def test_a_local_path_is_that_of_the_repository_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib" / "src").mkdir(parents=True)
    run_git(tmp_path / "lib", "init", "--quiet")
    expected = Pasted("local", "git", f"file://{tmp_path}/", "lib")
    monkeypatch.chdir(tmp_path / "lib" / "src")
    for text in (".", "..", str(tmp_path / "lib"), f"file://{tmp_path}/lib", "../src/"):
        assert read_pasted(text) == (expected,)


def test_a_folder_here_needs_no_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert read_pasted("lib") == read_pasted("./lib")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "repository: not an address; example: https://github.com/DIRACGrid/DIRAC"),
        ("lib", 'repository "lib": not an address; '),
        ("two words", "repository: not an address; "),
        ("https://github.com/my-lab", 'repository: "my-lab" is an owner, not a repository; '),
        ("github:my-lab/*", 'repository: "my-lab/*" is an owner, not a repository; '),
        ("https://github.com/", "repository: the URL names no repository; "),
        ("ftp://git.example.org/a/b", 'repository: unknown scheme "ftp" in the URL; example: https://'),
        ("htp://x", 'repository: unknown scheme "htp" in the URL; example: https://'),
        ("https://[::1/a/b", "repository: invalid URL; "),
        ("https://git.example.org:x/a/b", "repository: invalid URL; "),
        ("/nowhere/at/all", "/nowhere/at/all: no such folder; "),
        ("/", "/: not a git repository; "),
    ],
)
def test_what_names_no_repository_is_told(text: str, error: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_pasted(text)
    assert str(raised.value).startswith(error)


@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"\A(https?|ssh|git)://[a-z@:.\[\]0-9]{0,12}(/[\w.%~-]{0,6}){0,4}\Z"),
        st.from_regex(r"\A[\w.@/:#?-]{1,30}\Z"),
    ),
    st.sampled_from([None, "github", "gitlab", "git"]),
)
def test_any_text_is_read_or_refused(text: str, kind: str | None) -> None:
    try:
        read = read_pasted(text, kind)
    except UsageError:
        return
    assert read
    assert all(each.path and each.forge and kind in (None, each.kind) for each in read)
