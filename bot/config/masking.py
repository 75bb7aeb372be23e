"""Keeping secrets out of what is shown: passwords in addresses, and tokens that stand where none belongs."""

import re

# How the tokens of GitHub, GitLab and Slack begin.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:gh[pousr]_|github_pat_|gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat)-|xox[a-z]{1,2}[-.]|xapp-)[\w.-]+",
    re.IGNORECASE,
)
# Up to the last "@": a password may hold one that nobody escaped.
_PASSWORD = re.compile(r"(://[^:/@]*:).*@", re.DOTALL)
_SECRET_PARAMETER = re.compile(r"([?&;][^=&;]*(?:pass|pwd|token|secret|key)[^=&;]*=)[^&;#]*", re.IGNORECASE)


def masked(text: str) -> str:
    """Write passwords and tokens in a text or an address as ``***``."""
    shown = _PASSWORD.sub(r"\1***@", text)
    shown = _SECRET_PARAMETER.sub(r"\1***", shown)
    return _TOKEN.sub("***", shown)


def is_token(text: str) -> bool:
    """Whether a text begins as the tokens of GitHub, GitLab and Slack do."""
    return _TOKEN.match(text) is not None
