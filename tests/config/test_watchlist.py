"""What is watched in all: the file's repositories, those said in words, and those of organisations."""

from datetime import UTC, datetime
from pathlib import Path

from bot.config.watchlist import make_watched, named_in
from bot.domain.organisations import Listed, Member
from bot.domain.watch_rules import ProductRules, TagRules, WatchRules
from bot.domain.watchlist import Additions, WatchChange, WatchKind
from bot.queries.base import Watched
from tests.config.files import BASE, DIGEST, DIRAC, PLAN, settings

GRID = '[[organisations]]\nforge = "github"\npath = "DIRACGrid"\nexclude = "^test"\ncounts = "final"\n'
COMDIRAC = DIRAC.replace("DIRACGrid/DIRAC", "DIRACGrid/COMDIRAC")
EVERY = "github:DIRACGrid/*"
AT = datetime(2021, 2, 22, 12, 0, tzinfo=UTC)


def said(*words: tuple[WatchKind, str], scheme: str = "") -> Additions:
    changes = (
        WatchChange(number, AT, "slack:U1", kind, target, WatchRules(TagRules(scheme)))
        for number, (kind, target) in enumerate(words, 1)
    )
    return Additions(tuple(changes))


def members(*listed: Member) -> Additions:
    return Additions((), {EVERY: listed})


def keys(made: Watched) -> list[str]:
    return [repository.key for repository in made.repositories]


def test_what_was_said_is_watched_by_its_rules_and_says_by_whom(tmp_path: Path) -> None:
    made = make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, "github:DIRACGrid/diracx"), scheme="pep440"))
    assert keys(made) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/diracx"]
    assert [repository.scheme.name for repository in made.repositories] == ["dirac", "pep440"]
    assert made.origins == {
        "github:DIRACGrid/DIRAC": str(tmp_path / "bot.toml"),
        "github:DIRACGrid/diracx": "slack:U1 on 2021-02-22",
    }


def test_the_files_rules_hold_where_both_name_a_repository(tmp_path: Path) -> None:
    made = make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, "GitHub:DIRACGrid/dirac"), scheme="pep440"))
    assert keys(make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, "github:diracgrid/dirac")))) == [
        "github:DIRACGrid/DIRAC"
    ]
    assert made.left_out == {"GitHub:DIRACGrid/dirac": 'forge "GitHub" is no longer configured'}


def test_what_was_said_of_a_forge_that_is_gone_is_not_watched_and_told(tmp_path: Path) -> None:
    made = make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, "gone:a/b"), (WatchKind.WATCH, "gone:a/*")))
    assert keys(made) == ["github:DIRACGrid/DIRAC"]
    assert made.organisations == ()
    assert made.left_out == dict.fromkeys(("gone:a/b", "gone:a/*"), 'forge "gone" is no longer configured')


def test_a_repository_of_the_file_can_be_unwatched_in_words(tmp_path: Path) -> None:
    made = make_watched(settings(BASE + COMDIRAC, tmp_path), said((WatchKind.UNWATCH, "github:DIRACGrid/COMDIRAC")))
    assert keys(made) == ["github:DIRACGrid/DIRAC"]
    assert made.left_out == {"github:DIRACGrid/COMDIRAC": "unwatched by slack:U1 on 2021-02-22"}


def test_what_a_digest_or_a_certification_of_the_file_names_stays_watched(tmp_path: Path) -> None:
    unwatch = said((WatchKind.UNWATCH, "github:DIRACGrid/DIRAC"))
    for more in (PLAN, DIGEST + 'repositories = ["DIRAC"]\n'):
        read = settings(BASE + COMDIRAC + more, tmp_path)
        assert named_in(read) == {"github:diracgrid/dirac"}
        assert "github:DIRACGrid/DIRAC" in keys(make_watched(read, unwatch))
    every_one = settings(BASE + COMDIRAC + DIGEST, tmp_path)
    assert keys(make_watched(every_one, unwatch)) == ["github:DIRACGrid/COMDIRAC"]


def test_a_second_repository_of_a_name_is_called_by_its_path(tmp_path: Path) -> None:
    made = make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, "github:fork/DIRAC")))
    assert [repository.name for repository in made.repositories] == ["DIRAC", "fork/DIRAC"]


def test_the_members_of_an_organisation_are_watched_but_for_those_left_out(tmp_path: Path) -> None:
    made = make_watched(
        settings(BASE + GRID, tmp_path),
        members(
            Member(Listed("DIRACGrid/DIRAC")),
            Member(Listed("DIRACGrid/Pilot"), WatchRules(TagRules("semver", counts="patch"))),
            Member(Listed("DIRACGrid/new")),
            Member(Listed("DIRACGrid/gone"), missed=2),
            Member(Listed("DIRACGrid/forked", is_fork=True)),
            Member(Listed("DIRACGrid/test-data")),
        ),
    )
    assert keys(made) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/Pilot", "github:DIRACGrid/new"]
    _, pilot, new = made.repositories
    assert (pilot.scheme.name, pilot.counts, new.scheme.name) == ("semver", "final", "dirac")
    assert made.origins["github:DIRACGrid/Pilot"] == EVERY


def test_an_organisation_can_be_watched_and_unwatched_in_words(tmp_path: Path) -> None:
    listed = {EVERY: (Member(Listed("DIRACGrid/Pilot")),)}
    watch = said((WatchKind.WATCH, EVERY)).changes
    by_words = make_watched(settings(BASE, tmp_path), Additions(watch, listed))
    assert keys(by_words) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/Pilot"]
    unwatch = said((WatchKind.UNWATCH, EVERY)).changes
    assert keys(make_watched(settings(BASE + GRID, tmp_path), Additions(unwatch, listed))) == ["github:DIRACGrid/DIRAC"]


def test_a_member_can_be_unwatched_in_words(tmp_path: Path) -> None:
    unwatch = said((WatchKind.UNWATCH, "github:DIRACGrid/Pilot")).changes
    listed = {EVERY: (Member(Listed("DIRACGrid/Pilot")),)}
    assert keys(make_watched(settings(BASE + GRID, tmp_path), Additions(unwatch, listed))) == ["github:DIRACGrid/DIRAC"]


def test_digests_of_all_and_of_an_organisation_take_in_what_was_added(tmp_path: Path) -> None:
    weekly = {
        words: DIGEST.replace("weekly", words) + f'repositories = ["{words}"]\n' for words in ("*", EVERY, "DIRAC")
    }
    read = settings(BASE + COMDIRAC + GRID + "".join(weekly.values()), tmp_path)
    made = make_watched(read, members(Member(Listed("DIRACGrid/Pilot"))))
    three = ["github:DIRACGrid/DIRAC", "github:DIRACGrid/COMDIRAC", "github:DIRACGrid/Pilot"]
    orders = read.orders(made.repositories, [each.key for each in made.organisations], ())
    assert {order.name: [each.key for each in order.repositories] for order in orders} == {
        "*": three,
        EVERY: three,
        "DIRAC": three[:1],
    }
    assert {order.name: order.organisations for order in orders} == {"*": (EVERY,), EVERY: (EVERY,), "DIRAC": ()}


API = DIRAC + 'product = "api"\nprefix = "api/"\n'


def test_products_of_one_repository_are_watched_beside_each_other(tmp_path: Path) -> None:
    made = make_watched(settings(BASE + API, tmp_path), Additions())
    assert keys(made) == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/DIRAC#api"]
    assert [each.name for each in made.repositories] == ["DIRAC", "DIRAC api"]
    assert [[other.key for other in each.beside] for each in made.repositories] == [
        ["github:DIRACGrid/DIRAC#api"],
        ["github:DIRACGrid/DIRAC"],
    ]


def test_a_product_is_watched_and_unwatched_by_command(tmp_path: Path) -> None:
    product = "github:DIRACGrid/DIRAC#@scope/pkg"
    added = make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, product)))
    assert keys(added) == ["github:DIRACGrid/DIRAC", product]
    removed = make_watched(settings(BASE, tmp_path), said((WatchKind.WATCH, product), (WatchKind.UNWATCH, product)))
    assert keys(removed) == ["github:DIRACGrid/DIRAC"]


def test_a_repository_whose_products_have_tables_is_no_member_of_its_organisation(tmp_path: Path) -> None:
    member = Member(Listed("DIRACGrid/DIRAC"), WatchRules(TagRules("dirac", counts="patch")))
    only_product = BASE.replace(DIRAC, API) + GRID
    assert keys(make_watched(settings(only_product, tmp_path), members(member))) == ["github:DIRACGrid/DIRAC#api"]


PACKAGES = WatchRules(
    products=tuple(ProductRules(name, TagRules("semver", f"{name}/")) for name in ("api", "pkg")), has_own=False
)


def test_products_that_were_watched_at_once_are_unwatched_at_once_or_one_by_one(tmp_path: Path) -> None:
    target = "github:etcd-io/etcd"
    watch = WatchChange(1, AT, "ann", WatchKind.WATCH, target, PACKAGES)
    read = settings(BASE, tmp_path)
    assert keys(make_watched(read, Additions((watch,))))[1:] == [f"{target}#api", f"{target}#pkg"]
    one = WatchChange(2, AT, "ann", WatchKind.UNWATCH, f"{target}#api")
    assert keys(make_watched(read, Additions((watch, one))))[1:] == [f"{target}#pkg"]
    every = WatchChange(2, AT, "ann", WatchKind.UNWATCH, target)
    assert keys(make_watched(read, Additions((watch, every))))[1:] == []


def test_a_repository_named_alone_is_its_entry_alone_where_the_file_has_one(tmp_path: Path) -> None:
    both = settings(BASE + API + COMDIRAC, tmp_path)
    alone = said((WatchKind.UNWATCH, "github:DIRACGrid/DIRAC"))
    assert "github:DIRACGrid/DIRAC#api" in keys(make_watched(both, alone))
    only = settings(BASE.replace(DIRAC, API) + COMDIRAC, tmp_path)
    assert keys(make_watched(only, alone)) == ["github:DIRACGrid/COMDIRAC"]


def test_a_member_of_packages_brings_them_as_products_and_says_if_they_fit_badly(tmp_path: Path) -> None:
    made = make_watched(
        settings(BASE + GRID, tmp_path), members(Member(Listed("DIRACGrid/web"), PACKAGES, is_doubtful=True))
    )
    assert [(each.key, each.is_doubtful) for each in made.repositories] == [
        ("github:DIRACGrid/DIRAC", False),
        ("github:DIRACGrid/web#api", True),
        ("github:DIRACGrid/web#pkg", True),
    ]
