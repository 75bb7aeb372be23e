"""A plain git server: any address and path that can be cloned from, and no pages."""

from typing import TYPE_CHECKING, ClassVar

from bot.forges.site import ForgeOptions, PathFault, Site

if TYPE_CHECKING:
    from bot.services.ports import Forge


class GitSite(Site):
    """Any server that can be cloned from."""

    kind: ClassVar[str] = "git"
    is_web: ClassVar[bool] = False
    has_organisations: ClassVar[bool] = False
    has_webhooks: ClassVar[bool] = False
    limits_requests: ClassVar[bool] = False

    def connect(self, options: ForgeOptions) -> "Forge":
        """Build the forge."""
        from bot.forges.git.forge import GitForge

        # Git takes it from there before its own configuration.
        own = {"GIT_SSL_CAINFO": str(options.ca_file.absolute())} if options.ca_file else {}
        variables = {**options.variables, **own}
        return GitForge(options.name, options.address, options.token, now=options.now, variables=variables)

    def path_fault(self, _path: str) -> PathFault | None:
        """Return None: it has repositories where it likes."""
        return None
