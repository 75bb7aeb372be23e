"""A certificate authority of one's own: trusted by ca_file, and ca_file named where it is missing."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.server import LoopbackServer
from bot.forges.git.forge import GitForge
from bot.forges.github.forge import GitHubForge
from bot.forges.gitlab.forge import GitLabForge
from bot.forges.site import AppCredentials
from bot.forges.unreachable import hint_for, why_unreachable
from bot.services.ports import Forge, ForgeUnavailable, PollAnswer, PollRequest
from tests.forges.conftest import NOW, TOKEN, small_repository
from tests.keys import private
from tests.network.servers import Authority, Manner, answering, authority

HINT = "set ca_file in [forges.forge] to the certificate of the authority (CA) that signed it"


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def with_tls(server: LoopbackServer, own: Authority) -> LoopbackServer:
    server._server.socket = own.server.wrap_socket(server._server.socket, server_side=True)
    server.url = server.url.replace("http:", "https:")
    return server


@pytest.fixture(params=["github", "gitlab"])
def forge(request: pytest.FixtureRequest, own: Authority) -> Iterator[Callable[..., PollAnswer]]:
    make: Callable[..., Forge] = GitHubForge if request.param == "github" else GitLabForge
    recorded: Callable[..., LoopbackServer] = RecordedGitHub if request.param == "github" else RecordedGitLab
    with with_tls(recorded([small_repository()], tokens=[TOKEN], now=lambda: NOW), own) as server:

        def ask(ca_file: Path | None = None) -> PollAnswer:
            built = make("forge", server.url, TOKEN, now=lambda: NOW, ca_file=ca_file)
            [answer] = built.poll([PollRequest("team/tool")])
            built.close()
            return answer

        yield ask


def test_a_forge_is_trusted_by_ca_file(forge: Callable[..., PollAnswer], own: Authority) -> None:
    answer = forge(own.file)
    assert answer.error is None
    assert len(answer.refs or ()) == 5


def test_without_it_the_error_names_it(forge: Callable[..., PollAnswer]) -> None:
    answer = forge()
    assert isinstance(answer.error, ForgeUnavailable)
    assert "TLS certificate not trusted (self-signed certificate)" in answer.error.what
    assert answer.error.hint == HINT


def test_what_openssl_is_told_of_in_the_environment_is_trusted_too(
    forge: Callable[..., PollAnswer], own: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.network import certificates

    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    certificates._context.cache_clear()
    try:
        assert forge().error is None
    finally:
        certificates._context.cache_clear()


def test_the_exchange_of_an_app_goes_by_ca_file(own: Authority) -> None:
    recorded = RecordedGitHub([small_repository()], tokens=[], now=lambda: NOW)
    with with_tls(recorded, own) as server:
        for ca_file, words in ((None, "certificate not trusted"), (own.file, "GitHub")):
            forge = GitHubForge("forge", server.url, AppCredentials(1, 2, private()), now=now, ca_file=ca_file)
            [answer] = forge.poll([PollRequest("team/tool")])
            forge.close()
            assert answer.error is not None
            assert words in str(answer.error)
            assert ("trusted" in str(answer.error)) == (ca_file is None)


def test_git_goes_by_ca_file(tmp_path: Path, own: Authority) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(tmp_path / "tool")]
    subprocess.run(["git", "init", "-q", str(tmp_path / "tool")], check=True)
    for arguments in (["commit", "-q", "--allow-empty", "-m", "x"], ["tag", "v1"]):
        subprocess.run([*git, *arguments], check=True)
    refs = subprocess.run([*git, "show-ref", "--tags"], check=True, capture_output=True).stdout.replace(b" ", b"\t")
    # A server of plain files (gitprotocol-http, "dumb").
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(refs)
    with answering(Manner(head + refs, every=9), own.server) as server:
        nothing = str(tmp_path / "nothing")
        for variables, is_trusted in (
            ({"GIT_SSL_CAINFO": str(own.file)}, True),
            ({"SSL_CERT_FILE": str(own.file)}, True),
            ({"SSL_CERT_FILE": nothing, "GIT_SSL_CAINFO": str(own.file)}, True),
            ({"SSL_CERT_FILE": ""}, False),
            ({"SSL_CERT_FILE": nothing}, False),
            ({}, False),
        ):
            forge = GitForge("forge", server.url, None, now=now, variables={"PATH": "/usr/bin:/bin", **variables})
            [answer] = forge.poll([PollRequest("tool")])
            forge.close()
            assert (answer.error is None or "not trusted" not in str(answer.error)) == is_trusted, variables
            if not is_trusted:
                assert answer.error is not None
                assert "set ca_file in [forges.forge] to" in answer.error.hint


@pytest.mark.parametrize(
    ("code", "words"), [(10, "renew the server's"), (62, "renew the server's"), (18, "ca_file in [forges.forge]")]
)
def test_what_no_authority_mends_has_another_hint(code: int, words: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "so it is"
    assert why_unreachable(error, "forge.example") == "TLS certificate not trusted (so it is)"
    assert words in hint_for(error, "forge:team/tool")
