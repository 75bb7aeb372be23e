"""What is wrong with a configuration only when its tables are read together.

The tables are taken as they stand in the file, right or not, so that these mistakes
are told together with those of single keys; what is wrong by itself is passed over.
"""

import re
from collections.abc import Iterator

from bot.config.building import default_name, milestone_titles
from bot.config.errors import Mistake, Place
from bot.config.places import bare_or_quoted
from bot.config.tables import Table, entries_of, table_of, text_of, texts_of
from bot.config.watched import Watched
from bot.config.words import quoted
from bot.domain.milestones import KINDS
from bot.domain.repositories import Repository, is_path
from bot.domain.spellings import read_series

_SLACK_CHANNEL = re.compile("[CGD][A-Z0-9]{3,}")
# What was met before, and the number of the entry where it was met first.
Seen = dict[tuple[str, ...], int]


def contradictions(file: Table) -> Iterator[Mistake]:
    """Find what only shows when the tables are read together."""
    yield from _of_forges(file)
    yield from _of_repositories(file)
    yield from _of_organisations(file)
    watched = Watched(file)
    yield from _of_places(file)
    yield from _of_digests(file, watched)
    yield from _of_certifications(file, watched)


def _of_forges(file: Table) -> Iterator[Mistake]:
    for name in table_of(file, "forges"):
        if not re.fullmatch(r"[\w.-]+", name):
            hint = "it is the FORGE in FORGE:PATH: letters, digits, dots, - and _"
            yield Mistake(("forges", name), "is no name for a forge", hint)


def _of_repositories(file: Table) -> Iterator[Mistake]:
    forges, keys, names = table_of(file, "forges"), Seen(), Seen()
    for number, entry in entries_of(file, "repositories"):
        forge, path = text_of(entry, "forge"), text_of(entry, "path")
        yield from _of_forge(("repositories", number), forge, path, forges)
        if forge and path and (first := keys.setdefault((f"{forge}:{path}".lower(),), number)) != number:
            what = f"{quoted(f'{forge}:{path}')[1:-1]} is watched twice, first in repositories[{first}]"
            yield Mistake(("repositories", number), what, "leave one out")
        else:
            yield from _of_name((number, "name"), text_of(entry, "name") or default_name(path), names)
            for index, alias in texts_of(entry, "aliases"):
                yield from _of_name((number, "aliases", index), alias, names)


def _of_organisations(file: Table) -> Iterator[Mistake]:
    forges, seen = table_of(file, "forges"), Seen()
    for number, entry in entries_of(file, "organisations"):
        place: Place = ("organisations", number)
        forge, path = text_of(entry, "forge"), text_of(entry, "path")
        yield from _of_known_forge(place, forge, forges)
        if table_of(forges, forge).get("kind") == "git":
            what = f"{quoted(forge)} is a git server, which cannot list its repositories"
            yield Mistake((*place, "forge"), what, "write a [[repositories]] table for each")
        if forge and path and (first := seen.setdefault((f"{forge}:{path}".lower(),), number)) != number:
            what = f"{quoted(f'{forge}:{path}')[1:-1]} is watched twice, first in organisations[{first}]"
            yield Mistake(place, what, "leave one out")


def _of_forge(place: Place, forge: str, path: str, forges: Table) -> Iterator[Mistake]:
    yield from _of_known_forge(place, forge, forges)
    kind = table_of(forges, forge).get("kind")
    if kind != "git" and is_path(path):
        yield from _of_path((*place, "path"), path, kind)


def _of_known_forge(place: Place, forge: str, forges: Table) -> Iterator[Mistake]:
    if forge and forge not in forges:
        known = ", ".join(map(bare_or_quoted, forges)) or "none yet"
        hint = f"add [forges.{bare_or_quoted(forge)}]; known are: {known}"
        yield Mistake((*place, "forge"), f"{quoted(forge)} is no known forge", hint)


def _of_path(place: Place, path: str, kind: object) -> Iterator[Mistake]:
    """Check a path where repositories have owners; a git server has them where it likes."""
    if "/" not in path:
        yield Mistake(place, f"{quoted(path)} is no path of a repository", 'say for example "DIRACGrid/DIRAC"')
    elif path.endswith(".git"):
        hint = f"leave .git out: {quoted(path.removesuffix('.git'))}"
        yield Mistake(place, f"{quoted(path)} is an address to clone from", hint)
    elif kind == "github" and path.count("/") > 1:
        what = f"{quoted(path)} is no path on GitHub"
        yield Mistake(place, what, 'say OWNER/NAME, for example "DIRACGrid/DIRAC"')


def _of_name(place: tuple[int, str] | tuple[int, str, int], name: str, names: Seen) -> Iterator[Mistake]:
    if name and (first := names.setdefault((name.lower(),), place[0])) != place[0]:
        what = f"repositories[{first}] is called {quoted(name)} too"
        yield Mistake(("repositories", *place), what, "give each a name of its own")


def _of_places(file: Table) -> Iterator[Mistake]:
    for name in table_of(file, "places"):
        if not re.fullmatch(r"[a-zA-Z0-9][\w.-]*", name) or _SLACK_CHANNEL.fullmatch(name):
            hint = "say for example [places.mattermost]: letters, digits, dots, - and _, and no Slack channel's id"
            yield Mistake(("places", name), "is no name for a place", hint)


def _of_digests(file: Table, watched: Watched) -> Iterator[Mistake]:
    seen = Seen()
    places = table_of(file, "places")
    for number, entry in entries_of(file, "digests"):
        place: Place = ("digests", number)
        name, channel = text_of(entry, "name"), text_of(entry, "channel")
        if name and channel and (first := seen.setdefault((name, channel), number)) != number:
            yield _told_twice(place, name, channel, first)
        for index, more in texts_of(entry, "also"):
            where: Place = (*place, "also", index)
            if more in _before(entry, index):
                yield Mistake(where, f"{quoted(more)} is named twice", "leave one out")
            elif name and (first := seen.setdefault((name, more), number)) != number:
                yield _told_twice(where, name, more, first)
            yield from _of_channel(where, more, places)
        for index, word in texts_of(entry, "repositories"):
            yield from _of_word((*place, "repositories", index), word, watched)


def _before(entry: Table, index: int) -> list[str]:
    """Give the channels that a digest names before one of its further ones."""
    return [text_of(entry, "channel"), *(more for number, more in texts_of(entry, "also") if number < index)]


def _told_twice(place: Place, name: str, channel: str, first: int) -> Mistake:
    what = f"{quoted(name)} goes to {quoted(channel)} twice, first in digests[{first}]"
    return Mistake(place, what, "give each digest of a channel a name of its own")


def _of_channel(where: Place, channel: str, places: Table) -> Iterator[Mistake]:
    """Check that a further channel is one; what was always a channel is taken as it is written."""
    if channel in places or channel.startswith("#") or _SLACK_CHANNEL.fullmatch(channel):
        return
    name, known = bare_or_quoted(channel), ", ".join(map(bare_or_quoted, places)) or "none yet"
    hint = f"write {quoted(f'#{channel}')} for a channel of Slack, or add [places.{name}]; known are: {known}"
    yield Mistake(where, f"{quoted(channel)} is no channel and no known place", hint)


def _of_certifications(file: Table, watched: Watched) -> Iterator[Mistake]:
    seen = Seen()
    kinds = (*KINDS, *(kind for _, kind in texts_of(file, "milestone_kinds")))
    for number, entry in entries_of(file, "certifications"):
        place: Place = ("certifications", number)
        word, series = text_of(entry, "repository"), text_of(entry, "series")
        if word == "*":
            yield Mistake((*place, "repository"), "means every repository", "name the one that is certified")
        elif word:
            yield from _of_word((*place, "repository"), word, watched)
            repository = watched.one(word)
            if repository and series:
                yield from _of_series(number, series, repository, seen)
        yield from _of_milestones(place, entry, kinds)


def _of_series(number: int, series: str, repository: Repository, seen: Seen) -> Iterator[Mistake]:
    place, read = ("certifications", number, "series"), read_series(series, repository.scheme)
    if read is None:
        hint = "say for example v7r2 (scheme dirac) or 7.2 (the others)"
        yield Mistake(place, f"{quoted(series)} is not the name of a series", hint)
    elif (first := seen.setdefault((repository.key, read), number)) != number:
        what = f"{quoted(series)} of {repository.name} is in certifications[{first}] already"
        yield Mistake(place, what, "write its milestones there")


def _of_milestones(place: Place, plan: Table, kinds: tuple[str, ...]) -> Iterator[Mistake]:
    steps = list(entries_of(plan, "milestones"))
    titles = milestone_titles([(text_of(step, "kind"), text_of(step, "title")) for _, step in steps])
    seen = Seen()
    for (number, step), title in zip(steps, titles, strict=True):
        kind = text_of(step, "kind")
        if kind and kind not in kinds:
            hint = f"say {', '.join(kinds)}, or name it in milestone_kinds"
            yield Mistake((*place, "milestones", number, "kind"), f"{quoted(kind)} is no known kind", hint)
        if title and (first := seen.setdefault((title.casefold(),), number)) != number:
            what = f"milestones[{first}] is called {quoted(title)} too"
            yield Mistake((*place, "milestones", number, "title"), what, "give each a title of its own")


def _of_word(place: Place, word: str, watched: Watched) -> Iterator[Mistake]:
    error = watched.missing(word)
    if error is not None:
        yield Mistake(place, f"{error.where} {error.what}", error.hint)
