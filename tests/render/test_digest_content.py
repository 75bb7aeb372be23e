"""The content of a digest as it is kept: whole, in no chat's format, and readable as JSON for ever."""

import json
from dataclasses import replace
from typing import Any

from bot.render.digest_content import digest_content
from bot.render.digest_text import spoken_lines
from bot.render.json_form import digest_json
from tests.render.digests import dirac_digest


def text_of(runs: list[dict[str, Any]]) -> str:
    return "".join(run["text"] for run in runs)


def test_the_content_has_the_json_and_every_line_of_the_digest() -> None:
    digest = dirac_digest()
    content = json.loads(json.dumps(digest_content(digest)))
    assert content["digest"] == digest_json(digest)
    said = [line.text.strip() for line in spoken_lines(digest)]
    lines = [text_of(line["runs"]) for section in content["sections"] for line in section["lines"]]
    headings = [text_of(section["heading"]) for section in content["sections"]]
    assert lines
    assert {content["period"], content["rule"], *headings, *lines} >= set(filter(None, said[1:]))


def test_links_and_emphasis_are_runs_of_their_own() -> None:
    digest = dirac_digest()
    content = digest_content(digest)
    runs = [run for section in content["sections"] for line in section["lines"] for run in line["runs"]]
    release = digest.news[0]
    assert {"text": release.version, "url": release.url} in runs
    assert content["sections"][0]["heading"][0]["strong"] is True


def test_hostile_texts_make_no_run_and_no_link() -> None:
    digest = dirac_digest()
    hostile = "\x03bold\x01javascript:alert(1)\x02click\x04 \u202e<b>"
    [first, *others] = digest.repositories
    part = replace(first, name=hostile, page="javascript:alert(1)")
    [heading, *_] = [s["heading"] for s in digest_content(replace(digest, repositories=(part, *others)))["sections"]]
    assert not any("url" in run for run in heading)
    assert r"\x03bold\x01javascript:alert(1)\x02click\x04 \u202e<b>" in text_of(heading)
