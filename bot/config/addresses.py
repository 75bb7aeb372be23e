"""The address at which a forge of a kind answers, where people write its pages' or another part's."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_GITHUB = "https://api.github.com"
# The hosts of the public forges, whose kind is certain.
_KINDS = {
    "github.com": "github",
    "www.github.com": "github",
    "api.github.com": "github",
    "gitlab.com": "gitlab",
    "www.gitlab.com": "gitlab",
}
# An API of either kind, and what is asked below it.
_BELOW = re.compile(r"/api(/(v[0-9]+|graphql)(/.*)?)?$", re.IGNORECASE)
_GHE = ".ghe.com"


def other_kind(kind: str, base_url: str) -> str:
    """Return the kind of the public forge that an address is of, empty where that is the given one, or not known."""
    known = _KINDS.get(urlsplit(base_url).hostname or "", kind)
    return "" if kind in {"git", known} else known


def right_address(kind: str, base_url: str) -> str:
    """Return the address that a forge of this kind is asked at: the given one, or the one that it must mean."""
    bare = base_url.rstrip("/")
    if kind == "gitlab":
        # The library adds /api/v4 itself.
        return _BELOW.sub("", bare) if _BELOW.search(bare) else base_url
    right = _github_address(bare) if kind == "github" else bare
    return base_url if right == bare else right


def may_lack_path(kind: str, base_url: str) -> bool:
    """Whether a GitHub's address may lack the /api/v3 of an Enterprise: a host of one word is one's own network's."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_own = "." not in host and host != "localhost" and not _is_number(host)
    return kind == "github" and parts.scheme == "https" and is_own and not parts.path.strip("/")


def _github_address(bare: str) -> str:
    """Return the address of GitHub's API: the given one where it may be it (docs.github.com, "Getting started")."""
    parts = urlsplit(bare)
    host = parts.hostname or ""
    if _KINDS.get(host) == "github":
        return _GITHUB
    below = _BELOW.search(bare)
    # What ends in /api further down may be a proxy's own path.
    if below and (below[1] or parts.path.lower() == "/api"):
        return f"{bare[: below.start()]}/api/v3"
    # What stands in for GitHub on this machine, or is called api.*, may answer at the root.
    is_enterprise = not parts.path and "." in host and not host.startswith("api.") and not _is_number(host)
    if is_enterprise and host.endswith(_GHE):
        return f"https://api.{host}"
    return f"{bare}/api/v3" if is_enterprise else bare


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
