"""Keeping secrets out of what is shown: passwords in addresses, and tokens that stand where none belongs."""

import re

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
_SECRET_PARAMETER = re.compile(r"([?&;][^=&;]*(?:pass|pwd|token|secret|key)[^=&;]*=)[^&;#]*", re.IGNORECASE)


def masked(text: str) -> str:
    """Write passwords and tokens in a text or an address as ``***``."""
    shown = _PASSWORD.sub(r"\1***@", text)
    shown = _SECRET_PARAMETER.sub(r"\1***", shown)
    return without_tokens(shown)


def without_tokens(text: str) -> str:
    """Write as ``***`` what has the form of a token: those too that a forge gave at run time."""
    return _SIGNATURE.sub("***", _TOKEN.sub("***", text))


def is_token(text: str) -> bool:
    """Whether a text begins as the tokens of GitHub, GitLab and Slack do."""
    return _TOKEN.match(text) is not None
