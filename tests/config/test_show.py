"""What is in effect, shown without secrets; and the schema of the file."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from bot.config.load import show
from bot.config.redaction import is_token, masked, secrets_in, without_tokens
from bot.config.reference import schema
from tests.config.files import BASE, DIGEST, DIRAC, GITHUB, PLACE, PLAN, SHIPPED, STEP, settings


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
    assert shown["repositories"] == [
        {
            "forge": "github",
            "path": "DIRACGrid/DIRAC",
            "name": "DIRAC",
            "aliases": [],
            "scheme": "dirac",
            "prefix": "",
            "other_prefixes": [],
            "build_metadata": "ignored",
            "counts": "patch",
            "count_yanked": True,
            "date": "auto",
            "tags": {"include": "", "exclude": ""},
            "prerelease_flag": "show",
            "numbering": [],
            "series": [],
        }
    ]
    assert shown["slack"]["bot_token"] == "not set"
    assert "s3cret" not in json.dumps(shown)
    assert "pa55" not in json.dumps(shown)


def test_an_app_is_shown_with_whether_its_key_is_there(tmp_path: Path) -> None:
    made = settings(f'{GITHUB}app = {{ id = 12345, key_env = "KEY" }}\n', tmp_path)
    shown = [show(made, environment)["forges"]["github"] for environment in ({"KEY": "s3cret"}, {})]
    assert [each["app"] for each in shown] == [
        {"id": 12345, "key_env": "KEY", "key": "***"},
        {"id": 12345, "key_env": "KEY", "key": "not set"},
    ]
    assert "token" not in shown[0]


def test_the_database_of_the_environment_is_shown_as_the_one_in_effect(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgresql://bot:pa55@db/releases"}
    shown = show(settings(BASE, tmp_path, **environment), environment)
    assert shown["database"]["url"] == "postgresql://bot:***@db/releases"


def test_what_was_read_into_a_value_is_shown_as_it_was_written(tmp_path: Path) -> None:
    text = f'remind_within = "168h"\n[poll]\nevery = "120 s"\n[monitoring]\naddress = "[::1]:9100"\n{BASE}'
    shown = show(settings(text + "tags = { include = '^v' }\n", tmp_path), {})
    assert (shown["remind_within"], shown["poll"]["every"], shown["poll"]["full_every"]) == ("168h", "120 s", "1h")
    assert shown["monitoring"] == {"address": "[::1]:9100"}
    assert shown["repositories"][0]["tags"] == {"include": "^v", "exclude": ""}


def test_a_milestone_is_shown_with_the_title_that_it_was_given(tmp_path: Path) -> None:
    shown = show(settings(f"{BASE}{PLAN}{STEP}planned = 2021-02-18\n", tmp_path), {})
    [step] = shown["certifications"][0]["milestones"]
    assert (step["title"], step["planned"]) == ("Hackathon 1", "2021-02-18")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///release-bot.db", "sqlite:///release-bot.db"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://user@host/db", "postgresql://user@host/db"),
        ("postgresql://user:s3cret@host:5432/db", "postgresql://user:***@host:5432/db"),
        ("postgresql://user:s3@cr:et@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:s3/cr@et@host/db", "postgresql://user:***@host/db"),
        ("postgresql://:s3cret@host/db", "postgresql://:***@host/db"),
        ("postgresql://host/db?password=s3cret&sslmode=require", "postgresql://host/db?password=***&sslmode=require"),
        (
            "postgresql://host/db?sslmode=require&sslpassword=s3cret",
            "postgresql://host/db?sslmode=require&sslpassword=***",
        ),
    ],
)
def test_a_password_in_an_address_is_masked_and_nothing_else(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    "token", ["ghp_s3cret", "github_pat_s3cret", "glpat-s3cret", "xoxb-1-s3cret", "xapp-1-s3cret", "syt_Ym90_s3cret_1x"]
)
def test_a_token_is_known_by_how_it_begins(token: str) -> None:
    assert is_token(token)
    assert masked(f'"{token}"') == '"***"'


@pytest.mark.parametrize(
    "secret",
    ["ghs_s3cret", "ghs_12345_eyJhbGciOiJSUzI1NiJ9.s3-cret_.s3cret", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.s3cret-_"],
)
def test_what_an_app_gets_at_run_time_is_known_by_its_form(secret: str) -> None:
    assert without_tokens(f"token {secret}, Bearer {secret}") == "token ***, Bearer ***"


@pytest.mark.parametrize("text", ["GITHUB_TOKEN", "GLPAT", "DIRACGrid/DIRAC", "#dirac-releases", "xox", "global-tags"])
def test_a_name_is_no_token(text: str) -> None:
    assert not is_token(text)
    assert masked(text) == text


def test_the_json_schema_takes_the_shipped_file_and_describes_every_key_with_an_example() -> None:
    described = schema()
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(tomllib.loads(SHIPPED.read_text(encoding="utf-8")), described)
    tables = [described, *described["$defs"].values()]
    keys = [(table["title"], name, key) for table in tables for name, key in table["properties"].items()]
    assert [(table, name) for table, name, key in keys if not key.get("description") and "$ref" not in key] == []
    tables_inside = {
        "database",
        "poll",
        "forges",
        "indexes",
        "repositories",
        "organisations",
        "slack",
        "chats",
        "digests",
        "certifications",
        "monitoring",
        "places",
        "web",
    }
    without = {name for _, name, key in keys if not key.get("examples")}
    assert without == tables_inside | {"monitoring", "tags", "milestones", "series", "notes", "app"}


@pytest.mark.parametrize(
    "table",
    [
        {"colour": 1},
        {"forges": {"x": {"kind": "hub"}}},
        {"forges": {"x": {"kind": "github", "token_env": "not-a-name"}}},
        {"forges": {"x": {"kind": "github", "app": {"id": 0, "key_env": "KEY"}}}},
        {"slack": {"maintainers": ["fstagni"]}},
        {"digests": [{"name": "weekly"}]},
    ],
)
def test_the_json_schema_refuses_what_the_bot_refuses(table: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(table, schema())


@pytest.mark.parametrize(
    ("address", "secrets", "words"),
    [
        ("mmosts://chat.example.org/a1b2c3d4e5f6", ["a1b2c3d4e5f6"], ["chat.example.org"]),
        (
            "mmosts://chat.example.org:8065/hooks/a1b2c3d4e5?image=no",
            ["a1b2c3d4e5"],
            ["hooks", "chat.example.org:8065"],
        ),
        ("mailtos://bot:p4%40ss@mail.example.org?to=dirac-dev@example.org", ["p4%40ss", "p4@ss"], ["mail.example.org"]),
        ("mailtos://bot:pw@mail.example.org?to=a@example.org", ["pw"], []),
        ("discord://1234567890/AbCd-EfGh_1?tts=no", ["1234567890", "AbCd-EfGh_1"], ["no"]),
        ("tgram://123456789:AAbbccDD/-100200", ["123456789:AAbbccDD", "123456789", "AAbbccDD"], ["tgram"]),
        ("workflows://prod.example.com:443/wf/sIgNaTuRe?format=markdown", ["sIgNaTuRe"], ["markdown"]),
        ("json://[::1]:8080/x", [], ["[::1]:8080"]),
    ],
)
def test_what_is_secret_in_the_address_of_a_place(address: str, secrets: list[str], words: list[str]) -> None:
    found = secrets_in(address)
    assert address in found
    assert [secret for secret in secrets if secret not in found] == []
    assert [word for word in words if word in found] == []


def test_of_a_place_it_is_shown_whether_its_address_is_set(tmp_path: Path) -> None:
    environment = {"MATTERMOST_URL": "mmosts://chat.example.org/s3cret"}
    text = PLACE + BASE + DIGEST + "also = ['mattermost']"
    assert show(settings(text, tmp_path), environment)["places"] == {
        "mattermost": {"url_env": "MATTERMOST_URL", "url": "***"}
    }
    assert show(settings(text, tmp_path), {})["places"]["mattermost"]["url"] == "not set"
