"""Keeping secrets out of what is shown: passwords in addresses, and tokens that stand where none belongs."""

import re
from urllib.parse import unquote

# How the tokens of GitHub, GitLab and Slack begin.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:gh[pousr]_|github_pat_|gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat)-|xox[a-z]{1,2}[-.]|xapp-)[\w.-]+",
    re.IGNORECASE,
)
# A signature of an App's: two tables of JSON and what signs them.
_SIGNATURE = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
# Up to the last "@": a password may hold one that nobody escaped.
_PASSWORD = re.compile(r"(://[^:/@]*:).*@", re.DOTALL)
# A shorter part of an address is a word, and would be masked in every line that it is in.
_SHORTEST_SECRET = 8
_SECRET_PARAMETER = re.compile(r"([?&;][^=&;]*(?:pass|pwd|token|secret|key)[^=&;]*=)[^&;#]*", re.IGNORECASE)


def masked(text: str) -> str:
    """Write passwords and tokens in a text or an address as ``***``."""
    shown = _PASSWORD.sub(r"\1***@", text)
    shown = _SECRET_PARAMETER.sub(r"\1***", shown)
    return without_tokens(shown)


def without_tokens(text: str) -> str:
    """Write as ``***`` what has the form of a token: those too that a forge gave at run time."""
    return _SIGNATURE.sub("***", _TOKEN.sub("***", text))


def secrets_in(address: str) -> tuple[str, ...]:
    """Give an address that is a secret, and those of its parts that may be secrets by themselves, as written and read.

    A password always is; of the rest, what is no short word in small letters and no server's name.
    """
    before, _, server = address.partition("://")[2].partition("?")[0].partition("/")[0].rpartition("@")
    passwords = [part for part in (before.partition(":")[2], unquote(before.partition(":")[2])) if part]
    parts = [server.partition(":")[0], server, *re.split(r"[/?&;=@:,#]", address.partition("://")[2])]
    told = [form for part in parts for form in (part, unquote(part)) if _may_be_secret(form)]
    return tuple(dict.fromkeys([address, *passwords, *told]))


def _may_be_secret(part: str) -> bool:
    is_server = re.fullmatch(r"(?:[\w-]+\.)+[\w-]+(?::\d+)?|\[[0-9a-fA-F:.]+\](?::\d+)?", part) is not None
    return len(part) >= _SHORTEST_SECRET and not is_server and not re.fullmatch(r"[a-z.-]{1,15}(?::\d+)?", part)


def is_token(text: str) -> bool:
    """Whether a text begins as the tokens of GitHub, GitLab and Slack do."""
    return _TOKEN.match(text) is not None
