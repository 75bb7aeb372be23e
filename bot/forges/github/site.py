"""GitHub's addresses, paths and pages."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlsplit

from bot.forges.site import API_PATH, ForgeOptions, PathFault, Site, owned_path_fault

if TYPE_CHECKING:
    from bot.services.ports import Forge, HookFormat

_ADDRESS = "https://api.github.com"
_ENTERPRISE_API = "/api/v3"
_GHE = ".ghe.com"


class GitHubSite(Site):
    """GitHub and GitHub Enterprise."""

    kind: ClassVar[str] = "github"
    public_address: ClassVar[str] = _ADDRESS
    hosts: ClassVar[frozenset[str]] = frozenset({"github.com", "www.github.com", "api.github.com"})

    def connect(self, options: ForgeOptions) -> "Forge":
        """Build the forge."""
        from bot.forges.github.forge import GitHubForge

        return GitHubForge(
            options.name,
            options.address,
            options.credentials,
            most_a_minute=options.most_a_minute,
            now=options.now,
            ca_file=options.ca_file,
            reserve=options.reserve,
        )

    def webhooks(self) -> "HookFormat":
        """Return how its webhooks are signed and read."""
        from bot.forges.github.hooks import GitHubHooks

        return GitHubHooks()

    def right_address(self, address: str) -> str:
        """Return the address of the API, also of one that is that of the pages or of something below."""
        bare = address.rstrip("/")
        right = self._api_of(bare)
        return address if right == bare else right

    def may_lack_path(self, address: str) -> bool:
        """Return whether the /api/v3 of an Enterprise may be missing: a host of one word is one's own network's."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_own = "." not in host and host != "localhost" and not _is_number(host)
        return parts.scheme == "https" and is_own and not parts.path.strip("/")

    def path_fault(self, path: str) -> PathFault | None:
        """Return why no repository can have a path: it is always OWNER/NAME."""
        fault = owned_path_fault(path)
        if fault is None and path.count("/") > 1:
            return PathFault("is not a GitHub path", 'use OWNER/NAME, such as "DIRACGrid/DIRAC"')
        return fault

    def page(self, address: str, path: str) -> str:
        """Return the address of a repository's page, which is beside the API."""
        if urlsplit(address).hostname == "api.github.com":
            return f"https://github.com/{path}"
        return f"{address.removesuffix(_ENTERPRISE_API)}/{path}"

    def tag_page(self, address: str, path: str) -> str:
        """Return the address of a tag's page."""
        return f"{self.page(address, path)}/releases/tag/{{tag}}"

    def pull_page(self, address: str, path: str) -> str:
        """Return the address of a pull request's page."""
        return f"{self.page(address, path)}/pull/{{number}}"

    def comparison_page(self, address: str, path: str) -> str:
        """Return the address of what two tags differ in."""
        return f"{self.page(address, path)}/compare/{{before}}...{{after}}"

    def file_page(self, address: str, path: str, file: str) -> str:
        """Return the address of a file's page at a tag."""
        return f"{self.page(address, path)}/blob/{{tag}}/{quote(file)}"

    def _api_of(self, bare: str) -> str:
        """Return the address of the API: the given one where it may be it (docs.github.com, "Getting started")."""
        parts = urlsplit(bare)
        host = parts.hostname or ""
        if host in self.hosts:
            return _ADDRESS
        below = API_PATH.search(bare)
        # What ends in /api further down may be a proxy's own path.
        if below and (below[1] or parts.path.lower() == "/api"):
            return f"{bare[: below.start()]}{_ENTERPRISE_API}"
        # A stand-in for GitHub on this machine, or one called api.*, may answer at the root.
        is_enterprise = not parts.path and "." in host and not host.startswith("api.") and not _is_number(host)
        if is_enterprise and host.endswith(_GHE):
            return f"https://api.{host}"
        return f"{bare}{_ENTERPRISE_API}" if is_enterprise else bare


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
