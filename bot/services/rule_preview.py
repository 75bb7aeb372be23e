"""Comparing: what another configuration would make of what is recorded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.repositories import Repository
from bot.domain.rule_preview import RuleChange, Rules, rule_change
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from bot.store.tags import TagStore


@dataclass(frozen=True, slots=True)
class Differences:
    """What would become of the repositories; ``watched`` and ``unwatched`` are keys, ``zones`` the old and the new."""

    zones: tuple[ZoneInfo, ZoneInfo]
    watched: tuple[str, ...]
    unwatched: tuple[str, ...]
    changes: tuple[RuleChange, ...]


def differences(
    old: Sequence[Repository], new: Sequence[Repository], zones: tuple[ZoneInfo, ZoneInfo], tags: "TagStore"
) -> Differences:
    """Read what is recorded by both configurations; nothing is written."""
    before, after = ({repository.key: repository for repository in each} for each in (old, new))
    both = [key for key in after if key in before]
    changes = (
        rule_change(Rules(before[key], zones[0]), Rules(after[key], zones[1]), tags.record(key).tags.values())
        for key in both
        if before[key] != after[key] or zones[0] != zones[1]
    )
    return Differences(
        zones=zones,
        watched=tuple(key for key in after if key not in before),
        unwatched=tuple(key for key in before if key not in after),
        changes=tuple(change for change in changes if not change.is_empty),
    )
