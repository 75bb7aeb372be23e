"""The configuration: found, read, and turned into the values that the rest of the program takes."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.config.chats import OtherPlace
from bot.config.errors import ConfigErrors
from bot.config.load import find, load, show
from bot.config.secrets import token
from bot.demo.recorded.history import load as recorded
from bot.domain.releases import classify
from bot.domain.repositories import Counts
from bot.domain.tags import DateSource
from bot.services.rebuild import rules_of
from tests.config.files import BASE, DIGEST, DIRAC, GITHUB, PLACE, PLAN, SHIPPED, STEP, settings


def test_the_shipped_configuration_is_fine_and_watches_the_dirac_family() -> None:
    shipped = load(SHIPPED, {})
    assert [repository.key for repository in shipped.own_repositories] == [
        "github:DIRACGrid/DIRAC",
        "github:DIRACGrid/WebAppDIRAC",
        "github:DIRACGrid/DIRACOS2",
        "github:DIRACGrid/diracx",
        "github:DIRACGrid/diracx-web",
        "github:DIRACGrid/diracx-charts",
        "gitlab.cta-observatory.org:cta-computing/dpps/workload/CTADIRAC",
    ]
    assert [digest.name for digest in shipped.digests] == ["weekly", "monthly"]


@pytest.mark.parametrize(
    ("name", "newest", "unclassified"),
    [
        ("DIRACOS2", ["2.60", "2.61", "2.62"], []),
        ("diracx", ["v0.1.1", "v0.2.0", "v0.3.0"], []),
        ("diracx-web", ["v0.1.0-a9", "v0.1.0-a10", "v0.1.0-a11"], []),
        ("diracx-charts", ["diracx-1.1.4", "diracx-1.1.5", "diracx-1.1.6"], ["0.1.0-alpha.1"]),
    ],
)
def test_the_shipped_rules_read_the_recorded_tags(name: str, newest: list[str], unclassified: list[str]) -> None:
    [repository] = [each for each in load(SHIPPED, {}).own_repositories if each.name == name]
    versions = {tag: classify(repository, tag) for tag in recorded(repository.path).tags}
    orders = {version.order: tag for tag, version in versions.items() if version is not None}
    assert [orders[order] for order in sorted(orders)][-3:] == newest
    assert [tag for tag, version in versions.items() if version is None] == unclassified


def test_an_empty_file_has_every_default(tmp_path: Path) -> None:
    made = settings("", tmp_path)
    assert (made.time_zone.key, made.database_location.url) == ("UTC", f"sqlite:///{tmp_path}/release-bot.db")
    assert (made.poll.every, made.poll.full_every) == (timedelta(minutes=10), timedelta(hours=1))
    assert made.slack.base_url == "https://slack.com/api/"


def test_a_repository_has_its_rules(tmp_path: Path) -> None:
    more = 'name = "Core"\ncounts = "final"\ndate = "commit"\ntags = { include = "^v", exclude = "-pre" }\n'
    [repository] = settings(BASE + more, tmp_path).own_repositories
    assert (repository.name, repository.counts, repository.date) == ("Core", Counts.FINAL, DateSource.COMMIT)
    assert repository.takes("v7r1")
    assert not repository.takes("v7r1-pre2")
    assert not repository.takes("7r1")


def test_a_numbering_is_read_as_patterns_and_is_part_of_the_rules(tmp_path: Path) -> None:
    more = '[[repositories]]\nforge = "github"\npath = "a/renumbered"\nscheme = "semver"\n'
    plain, ordered = (
        settings(BASE + more + written, tmp_path).own_repositories[-1]
        for written in ("", 'numbering = ["^20\\\\d\\\\d\\\\.", "."]\n')
    )
    assert [ordered.order_of(version, "x") for version in ("2015.1.4", "33.0.2")] == ["0x", "1x"]
    assert plain.order_of("2015.1.4", "x") == "x"
    assert rules_of(plain) != rules_of(ordered)


@pytest.mark.parametrize(
    ("kind", "base_url", "url"),
    [
        ("github", None, "https://github.com/a/b/releases/tag/v1"),
        ("github", "https://ghe.example/api/v3", "https://ghe.example/a/b/releases/tag/v1"),
        ("github", "http://127.0.0.1:8000", "http://127.0.0.1:8000/a/b/releases/tag/v1"),
        ("gitlab", None, "https://gitlab.com/a/b/-/tags/v1"),
        ("gitlab", "https://gitlab.cern.ch/", "https://gitlab.cern.ch/a/b/-/tags/v1"),
    ],
)
def test_a_tag_is_linked_to_its_page(tmp_path: Path, kind: str, base_url: str | None, url: str) -> None:
    address = f'base_url = "{base_url}"\n' if base_url else ""
    text = f'[forges.f]\nkind = "{kind}"\n{address}[[repositories]]\nforge = "f"\npath = "a/b"\n'
    assert settings(text, tmp_path).own_repositories[0].url_of("v1") == url


@pytest.mark.parametrize(
    ("written", "base_url"),
    [
        ("https://git.example.org/", "https://git.example.org"),
        ("ssh://git@git.example.org:2222/srv/", "ssh://git@git.example.org:2222/srv"),
        ("ssh://git@[::1]/", "ssh://git@[::1]"),
        ("git://git.example.org", "git://git.example.org"),
        ("file:///srv/git/", "file:///srv/git"),
    ],
)
def test_a_git_server_is_watched_by_the_address_to_clone_from(tmp_path: Path, written: str, base_url: str) -> None:
    text = f'[forges.g]\nkind = "git"\nbase_url = "{written}"\n[[repositories]]\nforge = "g"\npath = "tool.git"\n'
    made = settings(text, tmp_path)
    assert (made.forges["g"].kind, made.forges["g"].address) == ("git", base_url)
    [repository] = made.own_repositories
    assert (repository.key, repository.name) == ("g:tool.git", "tool")
    assert (repository.tag_url, repository.pull_url, repository.url_of("v1")) == ("", "", None)


def test_each_scheme_can_be_chosen(tmp_path: Path) -> None:
    schemes = {
        "dirac": ("", "v7r1", "7.1.0"),
        "pep440": ("", "v1.2", "1.2.0"),
        "semver": ('prefix = "x-"\n', "x-1.2.3", "1.2.3"),
        "regex": ("pattern = 'r(?P<major>\\d+)_(?P<minor>\\d+)'\n", "r1_2", "1.2.0"),
    }
    for scheme, (more, tag, normalized) in schemes.items():
        [repository] = settings(f'{BASE}scheme = "{scheme}"\n{more}', tmp_path).own_repositories
        version = repository.scheme.read(tag)
        assert version is not None
        assert version.normalized == normalized


def test_a_certification_is_understood(tmp_path: Path) -> None:
    text = (
        f'milestone_kinds = ["review"]\n{BASE}[[certifications]]\nrepository = "DIRAC"\nseries = "7.2"\n'
        'highlights = ["Python 3"]\n[[certifications.milestones]]\nkind = "hackathon"\ndone = 2021-02-18\n'
        '[[certifications.milestones]]\nkind = "review"\ntitle = "Review"\nplanned = 2021-03-04\n'
    )
    [plan] = settings(text, tmp_path).plans
    assert (plan.repository, plan.series, plan.highlights) == ("github:DIRACGrid/DIRAC", "v7r2", ("Python 3",))
    assert [(m.title, m.done, m.planned) for m in plan.configured] == [
        ("Hackathon 1", date(2021, 2, 18), None),
        ("Review", None, date(2021, 3, 4)),
    ]


def test_the_environments_database_wins(tmp_path: Path) -> None:
    assert settings("", tmp_path, DATABASE_URL="postgres://x/y").database_location.url == "postgres://x/y"


def test_a_database_in_the_environment_is_checked_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as raised:
        settings("", tmp_path, DATABASE_URL="mysql://u:s3cret@x/y")
    assert str(raised.value.errors[0]).startswith('$DATABASE_URL: unsupported database "mysql"')
    assert "s3cret" not in str(raised.value)


def test_a_token_is_read_without_the_space_around_it() -> None:
    assert token({"T": "  ghp_x\n"}, "T") == "ghp_x"
    assert token({"T": " "}, "T") is None
    assert token({}, "T") is None
    assert token({}, None) is None


def test_a_token_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigErrors) as raised:
        token({"T": "s3cret\nx"}, "T")
    assert str(raised.value.errors[0]).startswith("$T: invalid characters in a token")
    assert "s3cret" not in str(raised.value)


def test_the_file_is_the_one_asked_for_else_the_environments_else_the_default() -> None:
    assert find("a.toml", {"RELEASE_BOT_CONFIG": "b.toml"}) == Path("a.toml")
    assert find(None, {"RELEASE_BOT_CONFIG": "b.toml"}) == Path("b.toml")
    assert find(None, {}) == Path("config/bot.toml")


def test_a_file_in_the_working_directory_is_found_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.toml").touch()
    assert find(None, {}) == Path("bot.toml")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "bot.toml").touch()
    assert find(None, {}) == Path("config/bot.toml")


def test_the_shipped_configuration_keeps_its_database_where_it_was() -> None:
    assert load(SHIPPED, {}).database_location.file == SHIPPED.parents[1] / "release-bot.db"


def test_a_blank_name_of_a_file_is_none() -> None:
    assert find("", {"RELEASE_BOT_CONFIG": ""}) == Path("config/bot.toml")


def test_a_digest_without_repositories_is_about_all_of_them_in_their_order(tmp_path: Path) -> None:
    other = DIRAC.replace("DIRACGrid/DIRAC", "DIRACGrid/Pilot")
    some = DIGEST.replace("weekly", "some") + 'repositories = ["pilot", "github:DIRACGrid/DIRAC"]\n'
    made = settings(BASE + other + DIGEST + some, tmp_path)
    both = ("github:DIRACGrid/DIRAC", "github:DIRACGrid/Pilot")
    orders = made.orders(made.own_repositories, [], made.plans)
    assert [tuple(each.key for each in order.repositories) for order in orders] == [both, both]
    assert [digest.when_quiet for digest in made.digests] == ["post", "post"]


def test_one_digest_may_go_to_two_channels(tmp_path: Path) -> None:
    made = settings(BASE + DIGEST + DIGEST.replace("#c", "#d"), tmp_path)
    assert [(digest.name, made.channels_of(digest)) for digest in made.digests] == [
        ("weekly", ("#c",)),
        ("weekly", ("#d",)),
    ]


def test_a_digest_goes_to_further_channels_and_places_too(tmp_path: Path) -> None:
    made = settings(PLACE + BASE + DIGEST + 'also = ["mattermost", "#d", "C0123"]\n', tmp_path)
    assert made.channels == ("#c", "mattermost", "#d", "C0123")
    assert made.places == {"mattermost": OtherPlace(url_env="MATTERMOST_URL", format=None, ca_file=None)}


def test_a_milestone_without_a_title_is_numbered_within_its_kind(tmp_path: Path) -> None:
    release = STEP.replace("hackathon", "release")
    [plan] = settings(BASE + PLAN + STEP + release + STEP + release, tmp_path).plans
    assert [step.title for step in plan.configured] == ["Hackathon 1", "Release", "Hackathon 2", "Release 2"]


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    path.write_bytes(b'\xef\xbb\xbftime_zone = "Europe/Paris"\n')
    assert load(path, {}).time_zone.key == "Europe/Paris"


def test_a_pattern_that_python_warns_of_is_taken(tmp_path: Path) -> None:
    [repository] = settings(BASE + "tags = { include = '[[v]7' }", tmp_path).own_repositories
    assert repository.takes("v7r1")


def test_what_was_read_goes_on_when_the_file_is_gone(tmp_path: Path) -> None:
    made = settings(GITHUB, tmp_path)
    made.file.unlink()
    assert show(made, {})["forges"]["github"]["kind"] == "github"


@pytest.mark.parametrize(
    ("written", "trusts"), [("", False), ('prerelease_flag = "show"\n', False), ('prerelease_flag = "trust"\n', True)]
)
def test_the_forges_mark_of_a_pre_release_is_shown_unless_it_is_trusted(
    tmp_path: Path, written: str, *, trusts: bool
) -> None:
    [repository] = settings(BASE + written, tmp_path).own_repositories
    assert repository.trusts_flag is trusts


def test_a_repository_may_have_a_project_on_a_package_index(tmp_path: Path) -> None:
    [plain] = settings(BASE, tmp_path).own_repositories
    assert (plain.index, plain.counts_yanked) == ("", True)
    more = 'index = "pypi:DIRAC"\ncount_yanked = false\ndate = "index"\n'
    [indexed] = settings(BASE + more, tmp_path).own_repositories
    assert (indexed.index, indexed.counts_yanked, indexed.date) == ("pypi:DIRAC", False, DateSource.INDEX)


def test_a_package_index_has_an_address_which_is_pypis_by_default(tmp_path: Path) -> None:
    made = settings(BASE + '[indexes.pypi]\n[indexes.own]\nbase_url = "http://127.0.0.1/simple"\n', tmp_path)
    assert made.indexes["pypi"].address == "https://pypi.org/simple/"
    assert show(made, {})["indexes"]["own"]["base_url"] == "http://127.0.0.1/simple"
