"""What changed in releases: found in any spelling, shown verbatim, and never from a forge."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chats.slack.mrkdwn import escaped as slack_escaped
from bot.chats.slack.mrkdwn import link as slack_link
from bot.dialogue import understand
from bot.domain.errors import UsageError
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.repositories import NotesFile
from bot.queries.base import QueryContext, Watched, answer_text
from bot.queries.help import examples
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.notes import NotesFound, WhatChanged
from bot.render.digest_markdown import escaped as markdown_escaped
from bot.render.html import escaped as html_escaped
from bot.render.markup import TEXT, Markup
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, as_of, days, releases
from tests.store.polls import hour, poll, ref

REPOSITORY = a_repository()
TAGS = ("v7r1p26", "v7r1p27", "v7r1p28", "v7r1p29", "v7r2-pre1", "v7r0p49")
BLOCK = (
    "FIX: Fixes from v7r0p49\n\n*Core\nNEW: (#4957) ObjectLoader\nFIX: (#4953) ModuleBase\nBUGFIX: no number\nSEE: this"
)


@pytest.fixture
def context(store: Store) -> QueryContext:
    repository = replace(
        REPOSITORY,
        notes=NotesFile("release.notes", "dirac", "https://github.example/DIRAC/blob/{tag}/release.notes"),
        pull_url="https://github.example/DIRAC/pull/{number}",
    )
    dates = {name: MONDAY - days(20 - at) for at, name in enumerate(TAGS)}
    poll(store, hour(0), [ref(name) for name in TAGS], key=REPOSITORY.key, releases=releases(REPOSITORY, dates))
    found = NotesRecord(REPOSITORY.key, "7.1.29").found(NotesSource.FILE, "dirac", BLOCK, MONDAY)
    store.notes.write(found)
    store.notes.write(NotesRecord(REPOSITORY.key, "7.1.28").found(NotesSource.FILE, "dirac", "", MONDAY))
    store.notes.write(NotesRecord(REPOSITORY.key, "7.1.27").failed("timed out", MONDAY))
    return QueryContext(store, Watched([repository]), as_of("2021-02-22T14:00"), timedelta(days=1))


def ask(context: QueryContext, *names: str, since: str = "", repositories: tuple[str, ...] = ()) -> NotesFound:
    return WhatChanged(names, since, repositories).run(context)


@pytest.mark.parametrize("name", ["v7r1p29", "7.1.29", "V7.1.29", "v7r1p29 "])
def test_a_releases_entries_are_shown_as_they_were_written(context: QueryContext, name: str) -> None:
    said = answer_text(ask(context, name).answer(TEXT)).splitlines()
    assert said[:5] == [
        "v7r1p29 of DIRAC: 1 new, 2 fixes, 1 other",
        "  NEW: ObjectLoader (#4957)",
        "  FIX: ModuleBase (#4953)",
        "  FIX: no number",
        "  SEE: this",
    ]
    assert "  (v7r1p29: 1 line about merged fixes not listed)" in said


def test_the_same_is_given_as_json_and_as_a_table(context: QueryContext) -> None:
    found = ask(context, "v7r1p29")
    pull = "https://github.example/DIRAC/pull/"
    assert found.data() == [
        {
            "repository": "github:DIRACGrid/DIRAC",
            "version": "v7r1p29",
            "source": "file",
            "url": "https://github.example/DIRAC/blob/v7r1p29/release.notes",
            "entries": [
                {"kind": "NEW", "text": "ObjectLoader", "url": f"{pull}4957"},
                {"kind": "FIX", "text": "ModuleBase", "url": f"{pull}4953"},
                {"kind": "FIX", "text": "no number", "url": None},
                {"kind": "SEE", "text": "this", "url": None},
            ],
            "propagated": 1,
            "cut": False,
        }
    ]
    [table] = found.tables()
    assert [cell.text for cell in table.rows[0]] == ["v7r1p29", "NEW", "ObjectLoader", "#4957"]


def test_what_is_not_there_is_said_and_never_guessed(context: QueryContext) -> None:
    for name, said, source in (
        ("v7r1p28", "no release notes", "none"),
        ("v7r1p27", "its release notes could not be read: timed out", None),
        ("v7r1p26", "its release notes are not recorded", None),
    ):
        found = ask(context, name)
        assert found.answer(TEXT).sentence == f"{name} of DIRAC: {said}"
        assert (found.answer(TEXT).sections, found.tables(), found.data()[0]["entries"]) == ((), [], [])
        assert found.data()[0]["source"] == source
        assert len(found.unread) == 1
    assert ask(context, "v7r1p26").answer(TEXT).notes[0].endswith("from its forge: release-bot notes v7r1p26")


@pytest.mark.parametrize(
    "text",
    ["what changed in the latest v7r1?", "what's new in the latest v7r1?", "release notes of the latest 7.1 of DIRAC"],
)
def test_the_newest_release_of_a_series_is_found_without_its_number(context: QueryContext, text: str) -> None:
    words = Vocabulary(tuple(context.repositories), (), ())
    asked = understand(text, words, context.as_of).asked
    assert isinstance(asked, WhatChanged)
    assert understand(asked.wording(), words, context.as_of).asked == asked
    assert [each["version"] for each in asked.run(context).data()] == ["v7r1p29"]


def test_between_two_releases_all_of_the_series_after_the_first_are_meant(context: QueryContext) -> None:
    found = ask(context, "v7r1p29", since="7.1.27")
    assert [each["version"] for each in found.data()] == ["v7r1p28", "v7r1p29"]
    answer = found.answer(TEXT)
    assert answer.sentence == "2 releases of DIRAC after 7.1.27, up to v7r1p29, in the series of the latter"
    assert [section.heading for section in answer.sections] == [
        "v7r1p28 of DIRAC: no release notes",
        "v7r1p29 of DIRAC: 1 new, 2 fixes, 1 other",
    ]
    [table] = found.tables()
    assert (len(table.rows), table.footer) == (4, ("v7r1p28 of DIRAC: no release notes",))
    assert [each["version"] for each in ask(context, since="v7r1p26").data()] == ["v7r1p27", "v7r1p28", "v7r1p29"]
    assert [each["version"] for each in ask(context, "v7r1p27", since="v7r0p49").data()] == ["v7r1p26", "v7r1p27"]
    assert ask(context, since="v7r1p29").answer(TEXT).sentence == "no release after v7r1p29 in its series"


def test_it_is_an_example_of_a_question_once_it_has_an_answer(context: QueryContext) -> None:
    question = "what changed in v7r0p49?"
    assert question not in examples(context)
    context.store.notes.write(NotesRecord(REPOSITORY.key, "7.0.49").found(NotesSource.FILE, "dirac", BLOCK, MONDAY))
    assert question in examples(context)


def test_mistakes_are_refused_with_what_to_do(context: QueryContext) -> None:
    for names, since, said in (
        (("v7r1p99",), "", 'release "v7r1p99": not found in github:DIRACGrid/DIRAC; nearest: '),
        (("v7r1p28",), "v7r1p29", 'release "v7r1p28": is not later than v7r1p29; name the earlier release first'),
        (("v7r1p29",), "v9r9", 'release "v9r9": not found in github:DIRACGrid/DIRAC'),
    ):
        with pytest.raises(UsageError) as raised:
            ask(context, *names, since=since)
        assert str(raised.value).startswith(said)


HOSTILE = (
    "FIX: <!channel> <@U012AB3CD> <https://evil.example|click> *bold* @here :tada: & &amp;\n"
    "NEW: [click](https://evil.example) ![x](https://evil.example/p.png) <img src=x onerror=alert(1)> `code` # head\n"
    "CHANGE: \x1b[31mred\x1b]8;;https://evil.example\x07 \u202egnp.exe\u2066 \u200b\x00\r\x9b2J\n"
)
EFFECTS = ("<!", "<@", "<https://evil", "*bold*", ":tada:", " @here", "`code`", "&amp;amp;amp;")
SLACK = Markup(plain=slack_escaped, link=slack_link, strong=lambda text: f"*{text}*")
MARKDOWN = Markup(plain=markdown_escaped, link=lambda _, text: markdown_escaped(text), strong=lambda text: text)
HTML = Markup(plain=html_escaped, link=lambda _, text: html_escaped(text), strong=lambda text: text)


def hostile_lines(context: QueryContext, markup: Markup, text: str = HOSTILE) -> list[str]:
    record = NotesRecord(REPOSITORY.key, "7.1.29").found(NotesSource.FILE, "dirac", text.replace("\0", ""), MONDAY)
    context.store.notes.write(record)
    answer = ask(context, "v7r1p29").answer(markup)
    return [answer.sentence, *(line for section in answer.sections for line in (section.heading, *section.lines))]


def test_no_markup_of_anybodys_notes_has_an_effect(context: QueryContext) -> None:
    for line in hostile_lines(context, SLACK):
        assert not any(effect in line for effect in EFFECTS), line
    for line in hostile_lines(context, MARKDOWN):
        assert "](" not in line.replace("\\]", "")
        assert "<" not in line.replace("\\<", "")
        assert "`" not in line.replace("\\`", "")
    for line in hostile_lines(context, HTML):
        assert "<" not in line
    for markup in (TEXT, SLACK, MARKDOWN, HTML):
        for line in hostile_lines(context, markup):
            assert all(character.isprintable() or character == "\u2060" for character in line), line


def test_a_million_characters_are_shown_within_bounds(context: QueryContext) -> None:
    for text in ("FIX: " + "x" * 1_000_000, "FIX: x\n" * 150_000, "FIX: " + "word " * 200_000):
        lines = hostile_lines(context, SLACK, text[:64_000])
        assert len(lines) < 30
        assert max(map(len, lines)) < 400
    assert lines[0].startswith("*")
