"""Redaction of secrets: passwords in URLs, and tokens anywhere."""

import re
from urllib.parse import unquote

# How the tokens of GitHub, GitLab, Slack and Synapse begin.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:gh[pousr]_|github_pat_|gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat)-|xox[a-z]{1,2}[-.]|xapp-|syt_)[\w.-]+",
    re.IGNORECASE,
)
# The JSON Web Token of a GitHub App: header, payload and signature.
_SIGNATURE = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
# Up to the last "@": a password may hold one that nobody escaped.
_PASSWORD = re.compile(r"(://[^:/@]*:).*@", re.DOTALL)
# A shorter part of a URL is a common word, and would be masked in every line.
_SHORTEST_SECRET = 8
_SECRET_PARAMETER = re.compile(r"([?&;][^=&;]*(?:pass|pwd|token|secret|key)[^=&;]*=)[^&;#]*", re.IGNORECASE)


def masked(text: str) -> str:
    """Return a text or a URL with passwords and tokens replaced by ``***``."""
    shown = _PASSWORD.sub(r"\1***@", text)
    shown = _SECRET_PARAMETER.sub(r"\1***", shown)
    return without_tokens(shown)


def without_tokens(text: str) -> str:
    """Return a text with everything that looks like a token replaced by ``***``, wherever it came from."""
    return _SIGNATURE.sub("***", _TOKEN.sub("***", text))


def secrets_in(address: str) -> tuple[str, ...]:
    """Return a secret URL and those of its parts that may be secrets, both escaped and unescaped.

    A password always is; other parts are, except short lower-case words and host names.
    """
    before, _, server = address.partition("://")[2].partition("?")[0].partition("/")[0].rpartition("@")
    passwords = [part for part in (before.partition(":")[2], unquote(before.partition(":")[2])) if part]
    parts = [server.partition(":")[0], server, *re.split(r"[/?&;=@:,#]", address.partition("://")[2])]
    secrets = [form for part in parts for form in (part, unquote(part)) if _may_be_secret(form)]
    return tuple(dict.fromkeys([address, *passwords, *secrets]))


def _may_be_secret(part: str) -> bool:
    is_server = re.fullmatch(r"(?:[\w-]+\.)+[\w-]+(?::\d+)?|\[[0-9a-fA-F:.]+\](?::\d+)?", part) is not None
    return len(part) >= _SHORTEST_SECRET and not is_server and not re.fullmatch(r"[a-z.-]{1,15}(?::\d+)?", part)


def is_token(text: str) -> bool:
    """Return whether a text starts like a token of GitHub, GitLab, Slack or Synapse."""
    return _TOKEN.match(text) is not None
