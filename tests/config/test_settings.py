"""The configuration: what is understood, and every mistake in one line."""

import json
import tempfile
import tomllib
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from bot.config.durations import read_duration
from bot.config.errors import ConfigErrors
from bot.config.reading import key_path
from bot.config.settings import find, load, schema, show, token
from bot.config.values import Settings
from bot.domain.repositories import Counts
from bot.domain.tags import DateSource

SHIPPED = Path(__file__).parents[2] / "config" / "bot.toml"
GITHUB = '[forges.github]\nkind = "github"\n'
DIRAC = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
BASE = GITHUB + DIRAC
DIGEST = '[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'


def settings(text: str, folder: Path, **environment: str) -> Settings:
    path = folder / "bot.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment)


def mistakes(text: str, folder: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as raised:
        settings(text, folder)
    return [str(error).removeprefix(f"{folder / 'bot.toml'}: ") for error in raised.value.errors]


def test_the_shipped_configuration_is_fine_and_watches_the_dirac_family() -> None:
    shipped = load(SHIPPED, {})
    assert [repository.key for repository in shipped.repositories] == [
        "github:DIRACGrid/DIRAC",
        "github:DIRACGrid/WebAppDIRAC",
        "github:DIRACGrid/VMDIRAC",
        "github:DIRACGrid/COMDIRAC",
        "github:DIRACGrid/DIRACOS",
        "github:DIRACGrid/diracx",
        "gitlab.cta-observatory.org:cta-computing/dpps/workload/CTADIRAC",
    ]
    assert [digest.name for digest in shipped.digests] == ["weekly", "monthly"]


def test_an_empty_file_has_every_default(tmp_path: Path) -> None:
    made = settings("", tmp_path)
    assert (made.time_zone.key, made.database_url) == ("UTC", "sqlite:///release-bot.db")
    assert (made.poll_every, made.full_every) == (timedelta(minutes=10), timedelta(hours=1))
    assert made.slack.base_url == "https://slack.com/api/"


def test_a_repository_has_its_rules(tmp_path: Path) -> None:
    more = 'name = "Core"\ncounts = "final"\ndate = "commit"\ntags = { include = "^v", exclude = "-pre" }\n'
    [repository] = settings(BASE + more, tmp_path).repositories
    assert (repository.name, repository.counts, repository.date) == ("Core", Counts.FINAL, DateSource.COMMIT)
    assert repository.takes("v7r1")
    assert not repository.takes("v7r1-pre2")
    assert not repository.takes("7r1")


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
    assert settings(text, tmp_path).repositories[0].url_of("v1") == url


def test_each_scheme_can_be_chosen(tmp_path: Path) -> None:
    schemes = {
        "dirac": ("", "v7r1", "7.1.0"),
        "pep440": ("", "v1.2", "1.2.0"),
        "semver": ('prefix = "x-"\n', "x-1.2.3", "1.2.3"),
        "regex": ("pattern = 'r(?P<major>\\d+)_(?P<minor>\\d+)'\n", "r1_2", "1.2.0"),
    }
    for scheme, (more, tag, normalized) in schemes.items():
        [repository] = settings(f'{BASE}scheme = "{scheme}"\n{more}', tmp_path).repositories
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
    assert settings("", tmp_path, DATABASE_URL="postgres://x/y").database_url == "postgres://x/y"


def test_a_database_in_the_environment_is_checked_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as raised:
        settings("", tmp_path, DATABASE_URL="mysql://u:s3cret@x/y")
    assert str(raised.value.errors[0]).startswith('$DATABASE_URL: "mysql" is no database')
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('time_zone = "Mars/Base"', 'time_zone: "Mars/Base" is no time zone; say for example "Europe/Paris" or "UTC"'),
        ("time_zone = 7", "time_zone: expected a text, found 7; see docs/CONFIGURATION.md"),
        ('timezone = "UTC"', "timezone: is no known key; did you mean time_zone?"),
        ("colour = 1", "colour: is no known key; the known ones are: certifications, database, digests, forges, "),
        ("[poll]\nevry = '1m'", "poll.evry: is no known key; did you mean every?"),
        ("[poll]\nevery = 10", "poll.every: expected a text, found 10"),
        ("[poll]\nevery = 'soon'", 'poll.every: "soon" is no duration; say for example 90s, 10m, 1h or 1d'),
        ("[poll]\nevery = '1s'", 'poll: every = "1s" is too often; the least is 10s'),
        ("[poll]\nfull_every = '1m'", 'poll: full_every = "1m" is shorter than every = "10m"'),
        ("[database]\nurl = ''", "database.url: is empty"),
        ("[database]\nurl = 'mysql://x/y'", 'database.url: "mysql" is no database that is supported; say sqlite:///FI'),
        ("forges = 3", "forges: expected a table, found 3"),
        ("[forges.x]", "forges.x.kind: is missing; write it"),
        (
            "[forges.x]\nkind = 'hub'",
            'forges.x.kind: "hub" is none of the known words; say "github", "gitlab" or "git"',
        ),
        ("[forges.x]\nkind = 'git'", "forges.x.kind: plain git servers cannot be polled yet"),
        ("[forges.'a:b']\nkind = 'github'", 'forges."a:b": is no name for a forge'),
        ("[forges.x]\nkind = 'github'\nbase_url = 'ftp://x'", 'forges.x.base_url: "ftp://x" is no web address'),
        ("[forges.x]\nkind = 'github'\nbase_url = 'https://u:p@x'", "forges.x.base_url: an address holds no user or"),
        ("[forges.x]\nkind = 'github'\ntoken_env = 'ghp_x-1'", 'forges.x.token_env: "ghp_x-1" does not fit; say the'),
        (DIRAC, 'repositories[0] (DIRACGrid/DIRAC).forge: "github" is no known forge; add [forges.github]'),
        (BASE + DIRAC, "repositories[0] (DIRACGrid/DIRAC): github:DIRACGrid/DIRAC is watched twice; leave one out"),
        (BASE.replace("DIRACGrid/DIRAC", "DIRAC"), 'repositories[0] (DIRAC).path: "DIRAC" is no path of a repository'),
        (
            BASE + '[[repositories]]\nforge = "github"\npath = "x/dirac"\n',
            'repositories[0] (DIRACGrid/DIRAC).name: two repositories are called "DIRAC"; give each a name of its own',
        ),
        (BASE + "scheme = 'calver'", 'repositories[0] (DIRACGrid/DIRAC).scheme: "calver" is none of the known words'),
        (BASE + "scheme = 'regex'", 'repositories[0] (DIRACGrid/DIRAC): scheme = "regex" needs pattern'),
        (BASE + "pattern = 'x'", 'repositories[0] (DIRACGrid/DIRAC): pattern goes with scheme = "regex" only'),
        (BASE + "scheme = 'regex'\npattern = '('", 'repositories[0] (DIRACGrid/DIRAC).pattern: "(" is no regular exp'),
        (
            BASE + "scheme = 'regex'\npattern = 'x'",
            "repositories[0] (DIRACGrid/DIRAC): pattern has no group named",
        ),
        (BASE + "tags = { include = '[' }", 'repositories[0] (DIRACGrid/DIRAC).tags.include: "[" is no regular expres'),
        (
            BASE + "tags = { includes = '' }",
            "repositories[0] (DIRACGrid/DIRAC).tags.includes: is no known key; did",
        ),
        (BASE + "date = 'author'", 'repositories[0] (DIRACGrid/DIRAC).date: "author" is none of the known words'),
        (BASE + DIGEST.replace("mon", "1"), 'digests[0] (weekly).schedule: "0 9 * * 1" gives the weekday by number'),
        (BASE + DIGEST.replace("last-week", "soon"), 'digests[0] (weekly).period: "soon" is no period'),
        (
            BASE + DIGEST + "repositories = ['Pilot']",
            'digests[0] (weekly).repositories: repository "Pilot" is not',
        ),
        (BASE + DIGEST + "when_quiet = 'maybe'", 'digests[0] (weekly).when_quiet: "maybe" is none of the known words'),
        (BASE + DIGEST + DIGEST, 'digests[0] (weekly): "weekly" goes to #c twice'),
        ("[slack]\nmaintainers = ['fstagni']", 'slack.maintainers[0]: "fstagni" does not fit; say a Slack user id'),
        (BASE + "[[certifications]]\nrepository = 'X'\nseries = 'v7r2'", "certifications[0] (v7r2).repository: repo"),
        (BASE + "[[certifications]]\nrepository = 'DIRAC'\nseries = 'new'", 'certifications[0] (new).series: "new" is'),
        (
            BASE + "[[certifications]]\nrepository='DIRAC'\nseries='7.2'\n[[certifications.milestones]]\nkind='party'",
            'certifications[0] (7.2).milestones[0].kind: "party" is no known kind; say hackathon, final-certification',
        ),
        (
            BASE + "[[certifications]]\nrepository='DIRAC'\nseries='7.2'\n"
            "[[certifications.milestones]]\nkind='hackathon'\ndone='2021-02-30'",
            "certifications[0] (7.2).milestones[0].done: expected a date such as 2021-02-18, found",
        ),
    ],
)
def test_each_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path: Path, text: str, line: str) -> None:
    found = mistakes(text, tmp_path)
    assert found[0].startswith(line)
    assert all("\n" not in mistake for mistake in found)


def test_all_mistakes_are_told_in_one_go(tmp_path: Path) -> None:
    text = f'time_zone = "Mars"\n{GITHUB}colour = 1\n{DIRAC}counts = "all"\n{DIGEST}size = 2\n'
    assert len(mistakes(text, tmp_path)) == 4


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a = [1,", "is not TOML: "),
        (b"a = 1\na = 2\n", "is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        (b"\xff\xfe", "is not UTF-8 text (byte 0); save it as UTF-8"),
        (None, "there is no such file; name one with --config FILE"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, what: str) -> None:
    path = tmp_path / "bot.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigErrors) as raised:
        load(path, {})
    assert str(raised.value.errors[0]).startswith(f"{path}: {what}")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as raised:
        load(tmp_path, {})
    assert "is a folder" in str(raised.value.errors[0])


junk = st.recursive(
    st.none().map(lambda _: 1) | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdefknrs_", max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["time_zone", "forges", "repositories", "digests", "poll", "slack", "certifications", "x"]),
        junk,
    )
)
def test_any_table_is_understood_or_refused_and_never_raises_otherwise(table: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.toml"
        path.write_text(tomlkit.dumps(table), encoding="utf-8")
        with suppress(ConfigErrors):
            load(path, {})


@given(st.integers(1, 999_999), st.sampled_from("smhd"))
def test_durations_read_as_they_are_written(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86_400}[unit]
    assert read_duration(f"{number}{unit}") == timedelta(seconds=number * seconds)


def test_a_token_is_read_without_the_space_around_it() -> None:
    assert token({"T": "  ghp_x\n"}, "T") == "ghp_x"
    assert token({"T": " "}, "T") is None
    assert token({}, "T") is None
    assert token({}, None) is None


def test_a_token_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigErrors) as raised:
        token({"T": "s3cret\nx"}, "T")
    assert str(raised.value.errors[0]).startswith("$T: holds characters that no token has")
    assert "s3cret" not in str(raised.value)


def test_the_file_is_the_one_asked_for_else_the_environments_else_the_default() -> None:
    assert find("a.toml", {"RELEASE_BOT_CONFIG": "b.toml"}) == Path("a.toml")
    assert find(None, {"RELEASE_BOT_CONFIG": "b.toml"}) == Path("b.toml")
    assert find(None, {}) == Path("config/bot.toml")


def test_what_is_in_effect_shows_every_default_and_no_secret(tmp_path: Path) -> None:
    text = f'[database]\nurl = "postgresql://bot:pa55@db/releases"\n{GITHUB}token_env = "GITHUB_TOKEN"\n{DIRAC}'
    shown = show(settings(text, tmp_path), {"GITHUB_TOKEN": "ghp_s3cret"})
    assert shown["database"]["url"] == "postgresql://bot:***@db/releases"
    assert shown["forges"]["github"] == {
        "kind": "github",
        "base_url": "https://api.github.com",
        "token_env": "GITHUB_TOKEN",
        "token": "***",
    }
    assert shown["repositories"][0]["scheme"] == "dirac"
    assert "s3cret" not in json.dumps(shown)


def test_the_json_schema_takes_the_shipped_file_and_describes_every_key() -> None:
    described = schema()
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(tomllib.loads(SHIPPED.read_text(encoding="utf-8")), described)
    tables = [described, *described["$defs"].values()]
    keys = [(table.get("title"), name, key) for table in tables for name, key in table["properties"].items()]
    assert [(table, name) for table, name, key in keys if not key.get("description") and "$ref" not in key] == []


def test_a_keys_place_names_the_entry() -> None:
    table = {"repositories": [{"path": "a/b", "tags": {}}]}
    assert key_path(table, ("repositories", 0, "tags", "include")) == "repositories[0] (a/b).tags.include"
    assert key_path({}, ("forges", "gitlab.cern.ch", "kind")) == 'forges."gitlab.cern.ch".kind'
