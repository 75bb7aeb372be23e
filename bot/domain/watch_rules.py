"""How a repository or an organisation is watched, in the keys of the configuration."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class TagRules:
    """How the tags of a repository or a product are read, in the configuration's keys; what is empty is its default."""

    scheme: str = ""
    prefix: str = ""
    counts: str = ""
    other_prefixes: tuple[str, ...] = ()
    numbering: tuple[str, ...] = ()

    def entry(self) -> dict[str, Any]:
        """Return the rules that are not empty, by their keys in a configuration file."""
        found = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found if value}


@dataclass(frozen=True, slots=True)
class ProductRules:
    """A package of a repository by its name, and how its tags are read."""

    product: str
    rules: TagRules

    def entry(self) -> dict[str, Any]:
        """Return the rules by their keys in a configuration file."""
        return {"product": self.product, **self.rules.entry()}


@dataclass(frozen=True, slots=True)
class WatchRules:
    """How a repository or an organisation is watched, in the keys of the configuration; what is empty is its default.

    ``name`` is of a repository alone, as are its ``products``; ``has_own`` says whether it is watched beside them.
    ``include`` and ``exclude`` (patterns of paths), ``forks`` and ``archived`` are of an organisation.
    """

    tags: TagRules = TagRules()
    name: str = ""
    include: str = ""
    exclude: str = ""
    forks: bool = False
    archived: bool = False
    products: tuple[ProductRules, ...] = ()
    has_own: bool = True

    def entry(self) -> dict[str, Any]:
        """Return the rules that are not empty, without those of products, by their keys in a configuration file."""
        names = ("name", "include", "exclude", "forks", "archived")
        return {**self.tags.entry(), **{name: value for name in names if (value := getattr(self, name))}}

    def entries(self) -> list[dict[str, Any]]:
        """Return an entry of a configuration file for the repository itself, unless it has none, and each product."""
        return [*([self.entry()] if self.has_own else []), *(each.entry() for each in self.products)]


def rules_from(given: Mapping[str, Any]) -> WatchRules:
    """Return rules from what ``dataclasses.asdict`` made of them; keys that are missing have their defaults."""
    products = tuple(ProductRules(each["product"], _tags_from(each["rules"])) for each in given.get("products", ()))
    return WatchRules(**{**given, "tags": _tags_from(given.get("tags", {})), "products": products})


def _tags_from(given: Mapping[str, Any]) -> TagRules:
    rules: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return TagRules(**rules)
