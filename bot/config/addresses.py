"""The address at which a forge of a kind answers, where people write its pages' or another part's."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def right_address(kind: str, base_url: str) -> str:
    """Return the address that a forge of this kind is asked at: the given one, or the one that it must mean."""
    bare = base_url.rstrip("/")
    if kind == "gitlab":
        # The library adds /api/v4 itself.
        return next((bare.removesuffix(end) for end in ("/api/v4", "/api/v3", "/api") if bare.endswith(end)), base_url)
    return _github_address(bare) or base_url if kind == "github" else base_url


def _github_address(bare: str) -> str:
    """Return the address of GitHub's API, empty where the given one may be it (docs.github.com, "Getting started")."""
    parts = urlsplit(bare)
    host = parts.hostname or ""
    if host in {"github.com", "www.github.com"} or (host == "api.github.com" and parts.path):
        return "https://api.github.com"
    if parts.path in {"/api", "/api/graphql", "/api/v4"}:
        return f"{bare.removesuffix(parts.path)}/api/v3"
    # What stands in for GitHub on this machine, or is called api.*, may answer at the root.
    is_enterprise = not parts.path and "." in host and not host.startswith("api.") and not _is_number(host)
    return f"{bare}/api/v3" if is_enterprise else ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
