"""How the values of options and arguments are completed: repositories, series, names of digests.

Used as ``shell_complete`` of a parameter, so everything but click is imported only when a value is completed.
"""

from collections import Counter
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from bot.cli.completion.known import Known

Items = list[CompletionItem[str]]


def repositories(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Return the watched repositories: by name, by path where no name begins like that, or else by key."""
    del parameter
    known = _known(context).repositories
    shared = Counter(each.name.lower() for each in known)
    # Two of one name: the name alone would be refused.
    spelled = {each.key: each.spellings if shared[each.name.lower()] == 1 else (each.key,) * 3 for each in known}
    for length in range(3):
        found = {key: spellings[length] for key, spellings in spelled.items() if _begins(spellings[length], incomplete)}
        if found:
            return [CompletionItem(spelling, help=key) for key, spelling in found.items()]
    return []


def series(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Return the series of the repositories that the command line names already, else of all."""
    del parameter
    known = _known(context)
    given = context.params.get("repositories") or (context.params.get("repository"),)
    keys = known.named(tuple(name for name in given if name))
    owners: dict[str, list[str]] = {}
    for key, name in known.series(keys):
        owners.setdefault(name, []).append(key)
    return [CompletionItem(name, help=", ".join(keys)) for name, keys in owners.items() if _begins(name, incomplete)]


def repositories_or_series(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Return repositories and series, for an argument that takes either."""
    return [*repositories(context, parameter, incomplete), *series(context, parameter, incomplete)]


def digests(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Return the names of the configured digests."""
    del parameter
    return [CompletionItem(name) for name in _known(context).digests() if _begins(name, incomplete)]


def _known(context: click.Context) -> "Known":
    from bot.cli.completion.known import Known

    return Known.read(context.find_root().params.get("config"))


def _begins(value: str, incomplete: str) -> bool:
    return value.lower().startswith(incomplete.lower())
