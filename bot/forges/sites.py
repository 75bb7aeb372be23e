"""The kinds of forges that there are: a new one is a folder beside this, and a line here."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.forges.git.site import GitSite
from bot.forges.github.site import GitHubSite
from bot.forges.gitlab.site import GitLabSite
from bot.forges.site import Site

SITES: Mapping[str, Site] = {site.kind: site for site in (GitHubSite(), GitLabSite(), GitSite())}


def other_kind(kind: str, address: str) -> str:
    """Return the kind of the public forge that an address is of, empty where that is the given one, or not known."""
    host = urlsplit(address).hostname or ""
    known = next((name for name, site in SITES.items() if host in site.hosts), kind)
    return "" if known == kind or not SITES[kind].is_web else known
