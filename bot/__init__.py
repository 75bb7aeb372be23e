"""Release bot: watches forges for tags, counts releases, posts digests."""

# The version of the package too: pyproject.toml reads it here.
__version__ = "1.0.0"
