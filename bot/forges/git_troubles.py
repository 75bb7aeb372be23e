"""What git says when it fails, told as the errors of the ports, with its own words where they tell more.

They may hold what the server says, which may be anything, the token that it was sent included: so they are
one printable line of bounded length, without secrets.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.forges.answers import one_line
from bot.forges.git_process import Finished
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

CHECK = "check base_url and the path, with .git at its end if the server wants it"

_MISSING = re.compile(
    r"repository '[^']*' not found|does not appear to be a git repository|returned error: (404|410)"
    r"|repository not exported|no such (repository|project)|repository .{0,200} does not exist",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"terminal prompts disabled|authentication failed|returned error: (401|403)|permission denied"
    r"|could not read (username|password)|access denied|denied by",
    re.IGNORECASE,
)
_LIMITED = re.compile(r"returned error: 429")
# In the order in which they are looked for: the more telling first.
_CAUSES = (
    (r"host key verification failed", "its host key is not known", "log in once by ssh as the bot's user"),
    (r"dubious ownership", "the folder belongs to another user", "run the bot as its owner, or ask over ssh"),
    (r"returned error: 3\d\d", "it sends the bot to another address", CHECK),
    (r"could not resolve host", "its name is not known", "check base_url"),
    (r"connection refused|failed to connect|couldn't connect", "the connection was refused", ""),
    (
        r"certificate",
        "its TLS certificate is not trusted",
        "name the file of the certificate authority (CA) that signed it: ca_file of its [forges] table",
    ),
    (r"\bSSL|\bTLS|gnutls_", "it speaks no TLS, or of a kind that is not spoken here", "check base_url"),
    (r"timed out|too slow|timeout", "it did not answer in time", ""),
    (r"returned error: 5\d\d", "it answered with an error of its own", ""),
    (r"not valid: is this a git|protocol error|bad line length|invalid .{0,40}response", "it speaks no git", CHECK),
    (r"transport '[^']*' not allowed", "git here does not speak its protocol", "check base_url"),
    (r"remote helper|unable to find remote|cannot run ssh", "git here lacks a part for its protocol", "install it"),
    (
        r"reset by peer|empty reply|hung up|early eof|unexpected disconnect|recv failure",
        "the connection was cut",
        "",
    ),
)
# What another try may mend, and soon.
_PASSING = re.compile(r"returned error: 5\d\d|reset by peer|empty reply|early eof|recv failure", re.IGNORECASE)


# What git says of a server that serves mere files, and of one that knows no filters.
_DUMB = re.compile(r"dumb http transport does not support", re.IGNORECASE)
_UNFILTERED = re.compile(r"filtering not recognized by server", re.IGNORECASE)
_OWN_WORDS = ("fatal: ", "error: ")


def is_dumb(finished: Finished) -> bool:
    """Whether a fetch failed because the server serves mere files."""
    return _DUMB.search(finished.trouble) is not None


def ignores_filters(finished: Finished) -> bool:
    """Whether the server sent whole trees, since it knows no filters."""
    return _UNFILTERED.search(finished.trouble) is not None


def too_heavy(where: str, most: int) -> ForgeUnavailable:
    """Tell that the dates of a repository cost more than they are worth."""
    what = f"its server sends whole trees, of which no more than {most // 1_000_000:,} MB are read"
    return ForgeUnavailable(where, what, "set uploadpack.allowFilter to true in the repository on the server")


def is_passing(finished: Finished) -> bool:
    """Whether a failure may be over in a moment."""
    return _PASSING.search(finished.trouble) is not None


def told(where: str, finished: Finished, url: str, secrets: Sequence[str] = ()) -> ForgeError:
    """Tell a failed command's trouble as an error of one repository.

    The words of its address do not decide what went wrong, nor do those that the
    server wants shown (lines that begin with ``remote:``). ``secrets`` are what was sent
    to be let in, in every form.
    """
    trouble = finished.trouble.replace(url, "").replace(urlsplit(url).hostname or "\n", "")
    text = "\n".join(line for line in trouble.split("\n") if not line.startswith("remote:"))
    said = _quoted(finished.trouble, secrets)
    if finished.is_too_large:
        return ForgeUnavailable(where, "the git server's list of tags is too large", "more than 100 MB are not read")
    if _LIMITED.search(text):
        return RateLimited(where, "the git server wants fewer requests")
    if _MISSING.search(text):
        hint = f"{CHECK}; a private repository needs a token or a key"
        return RepositoryNotFound(where, "the git server knows no such repository", hint)
    if _REFUSED.search(text):
        return _refused(where, url, has_token=bool(secrets))
    for pattern, why, hint in _CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            return ForgeUnavailable(where, f"the git server cannot be asked: {why}{said}", hint)
    return ForgeUnavailable(where, f"git ended with status {finished.status}{said}", f"try: git ls-remote {url}")


def _quoted(trouble: str, secrets: Sequence[str]) -> str:
    """Quote the line in which git says why it failed, without secrets; empty where it says nothing."""
    for secret in filter(None, secrets):
        trouble = trouble.replace(secret, "***")
    lines = [line for line in trouble.split("\n") if line.strip() and not line.startswith("remote:")]
    own = [line for line in lines if line.startswith(_OWN_WORDS)]
    words = one_line((own or lines or [""])[-1])
    return f' (git: "{words}")' if words else ""


def late(where: str) -> ForgeError:
    """Tell that a server took too long."""
    return ForgeUnavailable(where, "the git server cannot be asked: it did not answer in time")


def _refused(where: str, url: str, *, has_token: bool) -> ForgeError:
    if not url.startswith("http"):
        return TokenRefused(where, "the git server refused the bot", "give the bot's user a key or the right to read")
    what = "the git server refused the token" if has_token else "the git server asks for a token"
    hint = "put a password, or USER:PASSWORD, into the environment and name its variable in token_env"
    return TokenRefused(where, what, hint)
