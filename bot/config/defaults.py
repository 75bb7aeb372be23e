"""Defaults of the configuration that shell completion needs too: importing its models takes longer than it may."""

DATABASE_URL = "sqlite:///release-bot.db"


def default_name(path: str, product: str | None = None) -> str:
    """Return the default name of a repository: the last part of its path, and the product if it is one."""
    name = path.rpartition("/")[2].removesuffix(".git")
    return f"{name} {product}" if product else name
