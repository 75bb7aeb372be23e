"""What is wrong with a configuration only when its tables are read together."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.config.building import repository_of, series_of
from bot.config.models import ConfigFile
from bot.domain.errors import UsageError
from bot.domain.milestones import KINDS
from bot.domain.repositories import Repository
from bot.domain.selection import choose_repositories

Contradiction = tuple[str, str, str]


def contradictions(file: ConfigFile) -> Iterator[Contradiction]:
    """Find what only shows when the tables are read together: place, what, hint."""
    yield from _of_forges(file)
    yield from _of_repositories(file)
    known = [repository_of(each, None) for each in file.repositories]
    yield from _of_digests(file, known)
    yield from _of_certifications(file, known)


def _of_forges(file: ConfigFile) -> Iterator[Contradiction]:
    for name, forge in file.forges.items():
        place = f"forges.{name}" if re.fullmatch(r"[\w-]+", name) else f'forges."{name}"'
        if ":" in name or "/" in name:
            yield place, "is no name for a forge", "leave out : and /; it is the FORGE in FORGE:PATH"
        if forge.kind == "git":
            yield f"{place}.kind", "plain git servers cannot be polled yet", "use github or gitlab"


def _of_repositories(file: ConfigFile) -> Iterator[Contradiction]:
    keys = Counter(f"{each.forge}:{each.path}".lower() for each in file.repositories)
    names = Counter((each.name or each.path.rpartition("/")[2]).lower() for each in file.repositories)
    for number, each in enumerate(file.repositories):
        place = f"repositories[{number}] ({each.path})"
        if each.forge not in file.forges:
            known = ", ".join(file.forges) or "none yet"
            yield (
                f"{place}.forge",
                f'"{each.forge}" is no known forge',
                f"add [forges.{each.forge}]; known are: {known}",
            )
        name = each.name or each.path.rpartition("/")[2]
        if keys[f"{each.forge}:{each.path}".lower()] > 1:
            yield place, f"{each.forge}:{each.path} is watched twice", "leave one out"
        elif names[name.lower()] > 1:
            yield f"{place}.name", f'two repositories are called "{name}"', "give each a name of its own"


def _of_digests(file: ConfigFile, known: list[Repository]) -> Iterator[Contradiction]:
    seen = Counter((each.name, each.channel) for each in file.digests)
    for number, each in enumerate(file.digests):
        place = f"digests[{number}] ({each.name})"
        if seen[each.name, each.channel] > 1:
            yield (
                place,
                f'"{each.name}" goes to {each.channel} twice',
                "give each digest of a channel a name of its own",
            )
        yield from _unknown(f"{place}.repositories", each.repositories, known)


def _of_certifications(file: ConfigFile, known: list[Repository]) -> Iterator[Contradiction]:
    kinds = (*KINDS, *file.milestone_kinds)
    for number, plan in enumerate(file.certifications):
        place = f"certifications[{number}] ({plan.series})"
        wrong = list(_unknown(f"{place}.repository", [plan.repository], known))
        yield from wrong
        if not wrong and series_of(plan, known) is None:
            yield f"{place}.series", f'"{plan.series}" is not the name of a series', "say for example v7r2"
        titles = Counter(milestone.title.casefold() for milestone in plan.milestones if milestone.title)
        for step, milestone in enumerate(plan.milestones):
            if milestone.title and titles[milestone.title.casefold()] > 1:
                what = f'two milestones are called "{milestone.title}"'
                yield f"{place}.milestones[{step}].title", what, "give each a title of its own"
            if milestone.kind not in kinds:
                hint = f"say {', '.join(kinds)}, or name it in milestone_kinds"
                yield f"{place}.milestones[{step}].kind", f'"{milestone.kind}" is no known kind', hint


def _unknown(place: str, asked: list[str], known: list[Repository]) -> Iterator[Contradiction]:
    try:
        choose_repositories(asked, known)
    except UsageError as error:
        yield place, f"{error.where} {error.what}", error.hint
