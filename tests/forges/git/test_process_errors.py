"""What git says when it fails, and what the bot makes of it."""

import pytest

from bot.forges.git.process import Finished, error_of
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

URL = "https://git.example.org/team/tool"

SAID = {
    f"fatal: repository '{URL}/' not found": (RepositoryNotFound, "repository not found"),
    "fatal: '/srv/x' does not appear to be a git repository": (RepositoryNotFound, "repository not found"),
    "fatal: remote error: access denied or repository not exported: /x": (RepositoryNotFound, "repository not found"),
    f"fatal: unable to access '{URL}/': The requested URL returned error: 410": (RepositoryNotFound, "not found"),
    f"fatal: could not read Username for '{URL}': terminal prompts disabled": (TokenRefused, "requires a token"),
    f"fatal: Authentication failed for '{URL}/'": (TokenRefused, "requires a token"),
    f"fatal: unable to access '{URL}/': The requested URL returned error: 403": (TokenRefused, "requires a token"),
    "git@git.example.org: Permission denied (publickey).": (TokenRefused, ""),
    "FATAL: R any team/tool ada DENIED by fallthru": (TokenRefused, ""),
    f"fatal: unable to access '{URL}/': The requested URL returned error: 429": (RateLimited, "rate limit exceeded"),
    f"fatal: unable to access '{URL}/': The requested URL returned error: 502": (
        ForgeUnavailable,
        "server error (5xx)",
    ),
    f"fatal: unable to access '{URL}/': Could not resolve host: git.example.org": (
        ForgeUnavailable,
        "cannot resolve the host",
    ),
    f"fatal: unable to access '{URL}/': SSL certificate problem: self-signed certificate": (ForgeUnavailable, "TLS"),
    f"fatal: unable to access '{URL}/': server certificate verification failed. CAfile: none": (
        ForgeUnavailable,
        "TLS",
    ),
    "ssh: connect to host git.example.org port 22: Connection timed out": (ForgeUnavailable, "timed out (git"),
    f"fatal: unable to access '{URL}/': Operation too slow. Less than 1 bytes/sec": (
        ForgeUnavailable,
        "timed out (git",
    ),
    f"fatal: unable to access '{URL}/': Recv failure: Connection reset by peer": (
        ForgeUnavailable,
        "connection closed",
    ),
    "Host key verification failed.": (
        ForgeUnavailable,
        'unknown SSH host key (git: "Host key verification failed."); connect once',
    ),
    "fatal: detected dubious ownership in repository at '/srv/x'": (ForgeUnavailable, "belongs to another user"),
    f"fatal: {URL}/info/refs not valid: is this a git repository?": (ForgeUnavailable, "not a git server (git: "),
    "git: 'remote-https' is not a git command. See 'git --help'.": (
        ForgeUnavailable,
        """status 128 (git: "git: 'remote-https' is not a git command. See 'git --help'."); try: git ls-remote""",
    ),
    "error: cannot run ssh: No such file or directory": (ForgeUnavailable, "lacks a helper"),
    "": (ForgeUnavailable, f"git exited with status 128; try: git ls-remote {URL}"),
}


@pytest.mark.parametrize(("said", "kind", "words"), [(said, *expected) for said, expected in SAID.items()])
def test_each_trouble_is_told_for_what_it_is(said: str, kind: type[ForgeError], words: str) -> None:
    error = error_of("forge:team/tool", Finished(128, b"", f"{said}\n"), URL)
    assert type(error) is kind
    assert words in str(error)
    assert str(error).startswith("forge:team/tool: ")


def test_the_words_of_an_address_do_not_decide_what_went_wrong() -> None:
    url = "https://tls.timeout.example/SSL/repository-not-exported"
    said = f"fatal: unable to access '{url}/': Failed to connect to tls.timeout.example port 443: Connection refused\n"
    assert "connection refused" in str(error_of("f:x", Finished(128, b"", said), url))
    said = f"warning: something of tls.timeout.example at {url}/\n"
    assert "git exited with status 128" in str(error_of("f:x", Finished(128, b"", said), url))


def test_what_the_server_wants_shown_does_not_decide_either() -> None:
    said = "remote: Permission denied\nremote: s3cret\nfatal: unable to access: The requested URL returned error: 503\n"
    error = error_of("f:x", Finished(128, b"", said), URL, ("czNjcmV0", "s3cret"))
    assert type(error) is ForgeUnavailable
    assert "s3cret" not in str(error)


def test_a_token_that_was_sent_was_refused() -> None:
    error = error_of("f:x", Finished(128, b"", "fatal: Authentication failed\n"), URL, ("czNjcmV0", "s3cret"))
    assert str(error).startswith("f:x: the git server rejected the token; set a password, or USER:PASSWORD, in the")


def test_a_list_without_end_is_told() -> None:
    assert "tag list exceeds 100 MB" in str(error_of("f:x", Finished(-25, b"", ""), URL))


def test_git_is_quoted_on_one_printable_line_of_bounded_length() -> None:
    said = "hint: a\nfatal: \x1b[31mbad \u202egit\x07\r of " + "x" * 1_000 + "\nremote: do this\nhint: b\n"
    what = error_of("f:x", Finished(128, b"", said), URL).what
    assert what.startswith('git exited with status 128 (git: "fatal: [31mbad git of xxx')
    assert (what.isprintable(), len(what) < 300) == (True, True)
    assert "do this" not in what


def test_no_secret_is_quoted_in_any_form() -> None:
    said = "fatal: remote error: you sent Basic czNjcmV0 which is s3cret\n"
    what = error_of("f:x", Finished(128, b"", said), URL, ("czNjcmV0", "s3cret", "")).what
    assert what == 'git exited with status 128 (git: "fatal: remote error: you sent Basic *** which is ***")'
