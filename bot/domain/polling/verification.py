"""Verification of tag lists: a change of a known tag has to be confirmed, a loss of most tags has to persist.

Forges answer from replicas that lag behind each other, and a list may lack a page. A digest
that reported a tag as moved or deleted cannot be taken back.
"""

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass

# A list that lacks more than half of the known tags, and at least so many, is suspected for that long; so is one
# without any tag where there were some, however few. Of one or two that are missing beside others, people say so.
_LEAST = 5
_INSISTS_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class TagListing:
    """What a forge lists of a repository: all its tags, and the details of some by name."""

    refs: tuple[TagRef, ...] = ()
    details: Mapping[str, TagDetails] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What two lists say together; ``doubtful`` are the known tags on which they contradict each other."""

    listing: TagListing
    doubtful: tuple[str, ...] = ()


def contradicted(known: Mapping[str, TagRef], gone: Collection[str], refs: Collection[TagRef]) -> list[str]:
    """Name the tags that a list contradicts: known ones that it lacks or shows elsewhere, and gone ones that it has."""
    listed = {ref.name: ref for ref in refs}
    changed = [name for name, ref in known.items() if listed.get(name) != ref]
    return changed + [name for name in gone if name in listed]


def reconcile(known: Mapping[str, TagRef], gone: Collection[str], first: TagListing, second: TagListing) -> Reconciled:
    """Make one list of two: what both say is so, and what one of them adds; else all stays as it is known.

    Details are taken with the very ref that they came with, the second's first.
    """
    before, after = ({ref.name: ref for ref in each.refs} for each in (first, second))
    doubtful = [name for name in (*known, *gone) if before.get(name) != after.get(name)]
    refs = before | after
    for name in doubtful:
        refs.pop(name, None)
        if name in known:
            refs[name] = known[name]
    details: dict[str, TagDetails] = {}
    for listing, listed in ((first, before), (second, after)):
        details |= {
            name: each for name, each in listing.details.items() if name in refs and refs[name] == listed.get(name)
        }
    return Reconciled(TagListing(tuple(refs.values()), details), tuple(doubtful))


def lacks_most(known: Collection[str], listed: Collection[str]) -> bool:
    """Return whether a list lacks so many known tags that a mistake of the forge is likelier than deletion."""
    if known and not listed:
        return True
    lacking = sum(name not in listed for name in known)
    return lacking >= _LEAST and 2 * lacking > len(known)


def suspicion_expired(suspected_at: datetime | None, at: datetime) -> bool:
    """Return whether a list first suspected at a moment has persisted for long enough to be believed."""
    return suspected_at is not None and at - suspected_at >= _INSISTS_AFTER
