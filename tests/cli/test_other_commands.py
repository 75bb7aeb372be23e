"""Configuration, database, demo, and the edges of the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import bot.web
from bot.cli.main import run
from tests.cli.conftest import TOKEN, Product

SHIPPED = Path(__file__).parents[2] / "config" / "bot.toml"


SECRETS = ("GITHUB_TOKEN", "GITLAB_CTA_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")


def test_the_shipped_configuration_is_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "t0ken")
    assert run(["--config", str(SHIPPED), "config", "check"]) == 0
    assert capsys.readouterr().out == f"{SHIPPED}: ok: 7 repositories on 2 forges, 2 digests\n"
    for name in SECRETS:
        monkeypatch.delenv(name)
    assert run(["--config", str(SHIPPED), "config", "check"]) == 0
    printed = capsys.readouterr()
    warned = [line.partition("$")[2].partition(" is not set")[0] for line in printed.err.splitlines()]
    assert warned == list(SECRETS)
    assert printed.out == f"{SHIPPED}: 4 warnings: 7 repositories on 2 forges, 2 digests\n"


@pytest.mark.parametrize(
    ("schedule", "period", "warning"),
    [
        ("0 9 * * mon", "7d", "its periods overlap by up to 9 hours: each release is still announced only once"),
        ("0 9 * * mon", "yesterday", "its periods leave gaps of up to 6 days: releases of a gap are announced late"),
    ],
)
def test_periods_that_overlap_or_leave_gaps_are_warned_of(
    product: Product, schedule: str, period: str, warning: str
) -> None:
    product.configure(
        '[forges.github]\nkind = "github"\n[[repositories]]\nforge = "github"\npath = "a/b"\n'
        f'[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "{schedule}"\nperiod = "{period}"\n'
    )
    said = product("config", "check")
    assert said.code == 0
    hint = "remove period: each digest then begins where the previous one ended"
    assert said.err == f'warning: digest "weekly": {warning}; {hint}\n'


def test_a_digest_is_about_the_time_since_the_last_one_by_default(product: Product) -> None:
    product.configure(
        '[forges.github]\nkind = "github"\n[[repositories]]\nforge = "github"\npath = "a/b"\n'
        '[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "0 9 * * mon"\n'
    )
    assert product("config", "check").err == ""
    assert product("config", "show", "--format", "json").json["digests"][0]["period"] == "since-last"


def test_every_mistake_of_a_configuration_is_a_line_and_exit_code_2(product: Product) -> None:
    product.configure('time_zone = "Mars"\ncolour = 1\n')
    said = product("poll")
    assert said.code == 2
    zone, key = said.err.splitlines()
    assert zone == f'error: {product.config}: time_zone: invalid time zone "Mars"; examples: "Europe/Paris", "UTC"'
    assert key.startswith(f'error: {product.config}: colour: unknown key "colour"; known keys: certifications, ')


def test_what_is_in_effect_is_shown_as_toml_and_json_without_secrets(product: Product) -> None:
    product.configure('[forges.github]\nkind = "github"\ntoken_env = "GITHUB_TOKEN"\n')
    as_toml, as_json = product("config", "show"), product("config", "show", "--format", "json")
    assert 'base_url = "https://api.github.com"' in as_toml.out
    assert as_json.json["forges"]["github"]["token"] == "***"
    assert TOKEN not in as_toml.out + as_json.out


def test_the_schema_is_json_schema(product: Product) -> None:
    assert product("config", "schema").json["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_database_is_upgraded_and_backed_up(product: Product) -> None:
    product.configure(f'[database]\nurl = "sqlite:///{product.folder}/bot.db"\n')
    target = product.folder / "copy.db"
    assert product("db", "upgrade").out == "the database is up to date\n"
    assert product("db", "backup", str(target)).out == f"the database was copied to {target}\n"
    assert target.stat().st_mode & 0o777 == 0o600
    again = product("db", "backup", str(target))
    assert again.code == 1
    assert again.err.startswith("error: ")


def test_everything_is_exported_and_imported_into_another_database(polled: Product) -> None:
    target = polled.folder / "export.jsonl"
    said = polled("db", "export", str(target))
    assert (said.code, said.out) == (0, f"the database was exported to {target}\n")
    counted = polled("count", "--period", "2020", "--format", "json").json["releases"]
    assert target.stat().st_mode & 0o777 == 0o600
    again = polled("db", "export", str(target))
    assert (again.code, again.err) == (1, f"error: {target}: file already exists; use another file\n")
    assert sorted(path.suffix for path in polled.folder.glob("*export*")) == [".jsonl"]
    full = polled("db", "import", str(target))
    hint = "import into a new database; nothing was imported"
    assert (full.code, full.err) == (1, f"error: {polled.folder}/bot.db: the database is not empty; {hint}\n")
    polled.configure(polled.config.read_text().replace("bot.db", "new.db"))
    lines = target.read_text(encoding="utf-8").splitlines()
    said = polled("db", "import", str(target))
    assert (said.code, said.out) == (0, f"{len(lines) - 2:,} rows imported from {target}\n")
    assert polled("count", "--period", "2020", "--format", "json").json["releases"] == counted
    assert polled("db", "export", "-").out.splitlines()[1:] == lines[1:]


def test_a_file_to_import_that_is_not_there_is_one_line(polled: Product) -> None:
    said = polled("db", "import", "nowhere.jsonl")
    hint = "give a file that release-bot db export wrote"
    assert (said.code, said.err) == (2, f"error: nowhere.jsonl: no such file or directory; {hint}\n")


def test_a_database_that_is_none_is_told(product: Product) -> None:
    (product.folder / "bot.db").write_bytes(b"this is no database" * 100)
    product.configure(f'[database]\nurl = "sqlite:///{product.folder}/bot.db"\n')
    said = product("count")
    assert said.code == 1
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1


@pytest.mark.long
def test_the_demo_tells_the_month_of_the_slide_and_leaves_a_database(
    product: Product, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = product.folder / "demo"
    for _ in range(2):
        assert run(["demo", "--folder", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "6 patch releases of DIRAC (v7r0: 3, v7r1: 3); 3 pre-releases" in shown
    assert "v7r1p29" in shown
    assert f"--config {folder / 'bot.toml'} count DIRAC --series v7r2 --by year" in shown
    assert run(["--config", str(folder / "bot.toml"), "count", "DIRAC", "--period", "2020", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 74


def test_version_and_help_are_quick_to_import() -> None:
    code = (
        "import sys; from bot.cli.main import run; run(['--help']); "
        "heavy = {'github', 'gitlab', 'sqlalchemy', 'slack_sdk', 'apscheduler', 'pydantic', 'rich', 'jinja2'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_help_of_a_command_loads_no_database_library() -> None:
    code = "import sys; from bot.cli.main import run; run(['count', '--help']); sys.exit('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_pages_nothing_of_them_is_loaded(polled: Product) -> None:
    code = (
        f"import sys; from bot.cli.main import run; run(['--config', {str(polled.config)!r}, 'count']); "
        "pages = {'icalendar', 'jinja2', 'markdown_it', 'nh3', 'waitress', 'werkzeug'}; "
        "sys.exit(', '.join(name for name in sys.modules if name.startswith('bot.web') or name in pages) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "releases" in done.stdout


def test_the_pages_add_little_to_what_is_installed() -> None:
    files = [path for path in Path(bot.web.__file__).parent.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert 100_000 < sum(path.stat().st_size for path in files) < 300_000


def test_help_names_every_command(product: Product) -> None:
    said = product("--help")
    assert said.code == 0
    for command in ("run", "poll", "count", "releases", "latest", "tags", "digest", "config", "db", "demo"):
        assert f"  {command} " in said.out
        assert product(command, "--help").code == 0


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert capsys.readouterr().err.startswith("Usage: release-bot [OPTIONS] COMMAND [ARGS]...\n")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    script = f"{sys.executable} -m bot --config {SHIPPED} config schema | head -n 1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "{\n"
    assert done.stderr == ""
