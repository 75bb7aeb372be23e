"""Where the dates of releases come from, and what became of their tags, on both databases."""

from dataclasses import replace

from bot.domain.filters import KindWord, wanted
from bot.domain.origins import Origins
from bot.domain.tags import DateSource, TagState
from bot.store.store import Store
from tests.builders import a_repository, a_tag, paris
from tests.histories import write_tags

DIRAC = a_repository()
DAY = paris("2021-02-01T12:00")


def test_releases_are_counted_by_source_twins_moves_and_withdrawal(store: Store) -> None:
    names = ("v7r1p1", "v7.1.1", "v7r1p2", "v7r1p3", "v7r1p4", "v7r2-pre1")
    tags = {name: a_tag(name, DAY) for name in names}
    tags["v7r1p2"] = replace(tags["v7r1p2"], state=TagState.DELETED)
    tags["v7r1p3"] = replace(tags["v7r1p3"], state=TagState.MOVED, moved_at=DAY)
    write_tags(store, DIRAC, list(tags.values()))
    asked = wanted([DIRAC], (KindWord.PATCH,), (), since=None, until=paris("2021-03-01T00:00"))
    assert store.releases.origins(asked) == Origins({DateSource.COMMIT: 3}, moved=1, with_twins=1, withdrawn=1)
    assert store.releases.origins(replace(asked, until=paris("2021-01-01T00:00"))) == Origins()
