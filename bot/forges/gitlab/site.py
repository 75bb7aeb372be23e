"""GitLab's addresses and pages."""

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from bot.forges.site import API_PATH, ForgeOptions, Site

if TYPE_CHECKING:
    from bot.services.ports import Forge, HookFormat


class GitLabSite(Site):
    """gitlab.com and instances of one's own; a project may be below several groups."""

    kind: ClassVar[str] = "gitlab"
    public_address: ClassVar[str] = "https://gitlab.com"
    hosts: ClassVar[frozenset[str]] = frozenset({"gitlab.com", "www.gitlab.com"})

    def connect(self, options: ForgeOptions) -> "Forge":
        """Build the forge."""
        from bot.forges.gitlab.forge import GitLabForge

        return GitLabForge(
            options.name,
            options.address,
            options.token,
            most_a_minute=options.most_a_minute,
            now=options.now,
            ca_file=options.ca_file,
            reserve=options.reserve,
        )

    def webhooks(self) -> "HookFormat":
        """Return how its webhooks are signed and read."""
        from bot.forges.gitlab.hooks import GitLabHooks

        return GitLabHooks()

    def right_address(self, address: str) -> str:
        """Return the address of the instance; the library adds /api/v4 itself."""
        bare = address.rstrip("/")
        return API_PATH.sub("", bare) if API_PATH.search(bare) else address

    def page(self, address: str, path: str) -> str:
        """Return the address of a project's page."""
        return f"{address}/{path}"

    def tag_page(self, address: str, path: str) -> str:
        """Return the address of a tag's page."""
        return f"{address}/{path}/-/tags/{{tag}}"

    def pull_page(self, address: str, path: str) -> str:
        """Return the address of a merge request's page."""
        return f"{address}/{path}/-/merge_requests/{{number}}"

    def comparison_page(self, address: str, path: str) -> str:
        """Return the address of what two tags differ in."""
        return f"{address}/{path}/-/compare/{{before}}...{{after}}"

    def file_page(self, address: str, path: str, file: str) -> str:
        """Return the address of a file's page at a tag."""
        return f"{address}/{path}/-/blob/{{tag}}/{quote(file)}"
