"""Log lines: readable or JSON, and never a secret."""

import json
import logging
from pathlib import Path

import pytest
from structlog.contextvars import bound_contextvars

from bot.cli.logs import begin_logging
from bot.store.store import Store
from bot.store.upgrade import REVISIONS

SECRET = "of-no-known-form-s3cret"


def lines(log_format: str, capsys: pytest.CaptureFixture[str]) -> str:
    begin_logging("info", log_format, [SECRET, ""])
    log = logging.getLogger("bot.trial")
    log.info("asked with %s", SECRET)
    try:
        int(SECRET)
    except ValueError:
        log.exception("broke off")
    return capsys.readouterr().err


def test_no_secret_reaches_a_line_or_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    for log_format in ("text", "json"):
        shown = lines(log_format, capsys)
        assert SECRET not in shown
        assert "asked with ***" in shown
        assert "base 10: '***'" in shown


def test_a_password_with_quotes_in_it_is_masked_where_they_are_written_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for log_format in ("text", "json"):
        begin_logging("info", log_format, ['pa"ss\\wörd'])
        logging.getLogger("bot.trial").warning("with %s", 'pa"ss\\wörd')
        shown = capsys.readouterr().err
        assert "pa" not in shown
        assert "with ***" in shown


@pytest.mark.parametrize("secret", ["ghs_12345_a.b-c", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.s1gn"])
def test_what_a_forge_gave_at_run_time_reaches_no_line_either(capsys: pytest.CaptureFixture[str], secret: str) -> None:
    for log_format in ("text", "json"):
        begin_logging("info", log_format, [])
        logging.getLogger("bot.trial").warning("Authorization: token %s", secret)
        shown = capsys.readouterr().err
        assert secret not in shown
        assert "token ***" in shown


def test_json_lines_have_time_level_logger_and_event(capsys: pytest.CaptureFixture[str]) -> None:
    first = json.loads(lines("json", capsys).splitlines()[0])
    assert (first["event"], first["level"], first["logger"]) == ("asked with ***", "info", "bot.trial")
    assert first["timestamp"].endswith("Z")


def test_lines_of_one_poll_and_about_one_delivery_are_bound_together(capsys: pytest.CaptureFixture[str]) -> None:
    begin_logging("info", "json", [])
    log = logging.getLogger("bot.trial")
    with bound_contextvars(poll="1f0e2d3c"):
        log.info("polled")
    log.info("posted", extra={"delivery": "weekly-1", "other": "left out"})
    polled, posted = map(json.loads, capsys.readouterr().err.splitlines())
    assert polled["poll"] == "1f0e2d3c"
    assert posted["delivery"] == "weekly-1"
    assert not {"poll", "other"} & posted.keys()


def test_migrations_are_one_line_of_the_bots_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin_logging("info", "json", [])
    Store.open(f"sqlite:///{tmp_path}/bot.db").close()
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == f"database created: {tmp_path}/bot.db (schema {REVISIONS[-1]})"
