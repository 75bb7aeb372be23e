"""Digests as people read them, whole."""

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chats.slack.blocks import render_digest
from bot.domain.digests.compose import Observed
from bot.domain.digests.digest import Digest
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.periods.options import read_period
from bot.domain.periods.period import Period, midnight
from bot.domain.releases import key_of, releases_of
from bot.domain.repositories import Counts
from bot.domain.series_status import SeriesStatus
from bot.render.digest_html import digest_html
from bot.render.digest_markdown import digest_markdown, escaped
from bot.render.digest_text import digest_text
from bot.render.json_form import digest_json
from bot.render.words import interval, plural, printable, shortened
from tests.builders import PARIS, a_repository, a_tag, as_of, paris
from tests.chats.slack.fake_slack import troubles
from tests.render.digests import DIRAC, NOTES, composed, digests, dirac_digest, huge_digest, noted_digest, quiet_digest

RECOMMENDED, MAINTAINED, _, END_OF_LIFE = SeriesStatus
FINAL = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)

TEXT = """\
7 patch releases of DIRAC (v7r0: 3, v7r1: 4); 2 pre-releases; 1 earlier release; 1 of 2 repositories not checked
22 Jan to 22 Feb 2021 14:00 (Europe/Paris)

DIRAC: 7 patch releases
  https://github.example/DIRACGrid/DIRAC
  3 of v7r0: v7r0p47 (3 Feb), v7r0p48 (8 Feb), v7r0p49 (15 Feb)
  4 of v7r1: v7r1p27 (3 Feb), v7r1p28 (8 Feb), v7r1p29 (15 Feb), v7r1p30
    (20 Feb)
  2 pre-releases: v7r2-pre33 (8 Feb), v7r2-pre34 (15 Feb)
  newest: v7r2-pre34, v7r1p30, v7r0p49, v6r22p35

No releases: Pilot

Added after an earlier digest
  DIRACGrid/DIRAC v7r1p26 dated 20 Jan, found 2 Feb

1 release may belong to the other side of a period's edge:
  DIRACGrid/DIRAC v7r1p26 (commit 20 Jan, tag first seen 2 Feb)

Moved tags
  DIRACGrid/DIRAC v7r2-pre3: from 76377232 to 99999999, noticed 10 Feb

Deleted tags
  DIRACGrid/DIRAC v8.1.0a1: deleted, noticed 10 Feb

Incomplete data
  DIRACGrid/DIRAC: not checked since 2021-02-22 08:00: GitHub answered
    502

Counts patch releases; two tags of one version count once. Dates:
  release published, else commit."""

# [v7r1p29] stands for the link to the page of that tag.
MARKDOWN = """\
## 7 patch releases of DIRAC (v7r0: 3, v7r1: 4); 2 pre-releases; 1 earlier release; 1 of 2 \
repositories not checked

22 Jan to 22 Feb 2021 14:00 (Europe/Paris)

### **[DIRAC](<https://github.example/DIRACGrid/DIRAC>)**: 7 patch releases

- 3 of v7r0: [v7r0p47] (3 Feb), [v7r0p48] (8 Feb), [v7r0p49] (15 Feb)
- 4 of v7r1: [v7r1p27] (3 Feb), [v7r1p28] (8 Feb), [v7r1p29] (15 Feb), [v7r1p30] (20 Feb)
- 2 pre-releases: [v7r2-pre33] (8 Feb), [v7r2-pre34] (15 Feb)
- newest: [v7r2-pre34], [v7r1p30], [v7r0p49], [v6r22p35]

- No releases: Pilot

### **Added after an earlier digest**

- DIRACGrid/DIRAC [v7r1p26] dated 20 Jan, found 2 Feb

- 1 release may belong to the other side of a period's edge: DIRACGrid/DIRAC [v7r1p26] (commit 20 \
Jan, tag first seen 2 Feb)

### **Moved tags**

- DIRACGrid/DIRAC v7r2-pre3: from 76377232 to 99999999, noticed 10 Feb

### **Deleted tags**

- DIRACGrid/DIRAC v8.1.0a1: deleted, noticed 10 Feb

### **Incomplete data**

- DIRACGrid/DIRAC: not checked since 2021-02-22 08:00: GitHub answered 502

_Counts patch releases; two tags of one version count once. Dates: release published, else commit._"""

SLIDE_DAY = as_of("2021-02-22T14:00")


def test_a_digest_tells_all_it_has_in_plain_text() -> None:
    assert digest_text(dirac_digest()) == TEXT


def test_a_quiet_digest_reads_well() -> None:
    assert digest_text(quiet_digest()).startswith("No patch releases of DIRAC\n22 Jan to 22 Feb 2021 14:00")
    assert len(digest_text(quiet_digest()).splitlines()) == 4


def test_markdown_tells_the_same_with_each_release_linked_to_its_tag() -> None:
    tag = re.compile(r"\[([^]]*)\]\(<https://github\.example/DIRACGrid/DIRAC/releases/tag/\1>\)")
    assert tag.sub(r"[\1]", digest_markdown(dirac_digest())) == MARKDOWN


def test_a_headline_of_many_series_shows_the_newest() -> None:
    shown = digest_text(huge_digest(1, 286)).splitlines()
    assert shown[0].endswith("(v282r2: 1, v283r3: 1, v284r4: 1, v285r5: 1, v286r6: 1, v287r0: 1, 281 more series)")


def test_a_long_list_goes_over_several_lines_and_names_all() -> None:
    tags = [a_tag(f"v7r0p{number}", paris("2021-02-15T20:19")) for number in range(1, 101)]
    observed = Observed(DIRAC, releases_of(DIRAC, tags), polled_at=SLIDE_DAY.end)
    text = digest_text(composed([observed]))
    assert "v7r0p40 (15 Feb)\n  v7r0, continued: v7r0p41 (15 Feb), " in text
    assert len(re.findall(r"v7r0p\d+\s+\(15 Feb\)", text)) == 100
    assert max(map(len, text.splitlines())) <= 72


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(digests())
def test_no_text_from_a_forge_steers_the_terminal(digest: Digest) -> None:
    assert all(line.isprintable() for line in digest_text(digest).split("\n"))


@given(st.text())
def test_escaped_markdown_has_no_bare_markup(text: str) -> None:
    bare = re.sub(r"\\[\\`*_{}\[\]#!|<>&~]", "", escaped(text))
    assert not set(bare) & set("`*_[]<>#")


def test_a_mention_is_defused_in_markdown() -> None:
    assert escaped("@channel") == "@\u2060channel"


def test_unprintable_characters_are_shown() -> None:
    assert printable("a\x1b[31m\u202eb\U000e0001") == "a\\x1b[31m\\u202eb\\U000e0001"


def test_an_interval_is_said_by_its_first_and_last_day() -> None:
    said = {words: interval(read_period(words, SLIDE_DAY)) for words in ("2021-02", "2021-02-15", "2020", "1y")}
    assert said == {
        "2021-02": "1 Feb to 28 Feb 2021 (Europe/Paris)",
        "2021-02-15": "15 Feb 2021 (Europe/Paris)",
        "2020": "1 Jan to 31 Dec 2020 (Europe/Paris)",
        "1y": "22 Feb 2020 to 22 Feb 2021 14:00 (Europe/Paris)",
    }
    assert interval(Period(None, paris("2021-02-23T00:00"), PARIS)) == "up to 22 Feb 2021 (Europe/Paris)"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2021-02-22T00:00", "2021-02-22T14:00", "22 Feb 2021 00:00 to 14:00 (Europe/Paris)"),
        ("2021-02-22T10:00", "2021-02-23T00:00", "22 Feb 2021 10:00 to 00:00 (Europe/Paris)"),
        ("2021-01-20T19:19", "2021-02-23T00:00", "20 Jan 19:19 to 22 Feb 2021 (Europe/Paris)"),
        ("2020-12-22T09:30", "2021-01-02T00:00", "22 Dec 2020 09:30 to 1 Jan 2021 (Europe/Paris)"),
    ],
)
def test_an_interval_shows_the_hours_that_are_not_midnight(start: str, end: str, said: str) -> None:
    assert interval(Period(paris(start), paris(end), PARIS)) == said


def test_a_day_that_begins_after_midnight_is_a_whole_day() -> None:
    zone = ZoneInfo("America/Sao_Paulo")  # clocks jumped at midnight to 4 November 2018, 01:00
    period = Period(midnight(date(2018, 11, 3), zone), midnight(date(2018, 11, 4), zone), zone)
    assert interval(period) == "3 Nov 2018 (America/Sao_Paulo)"


def test_plurals() -> None:
    assert [plural(n, "patch release") for n in (0, 1, 2)] == [
        "0 patch releases",
        "1 patch release",
        "2 patch releases",
    ]
    assert plural(1200, "repository") == "1,200 repositories"


def test_a_shortened_list_counts_the_rest() -> None:
    assert shortened(["a", "b", "c"], 2) == ["a", "b", "and 1 more"]
    assert shortened(["a", "b"], 2) == ["a", "b"]


def test_a_digest_made_late_says_so_everywhere() -> None:
    due = paris("2021-02-22T09:00")
    late = replace(quiet_digest(), due=due, made_at=paris("2021-02-24T18:05"))
    words = "late: due 22 Feb 2021 09:00, made 24 Feb 2021 18:05"
    message = render_digest(late)
    for told in (digest_text(late), digest_markdown(late), str(message.blocks), message.text):
        assert words in " ".join(told.replace("\\", "").split())
    in_time = replace(late, made_at=paris("2021-02-22T10:00"))
    assert "late" not in digest_text(in_time)
    assert digest_json(late)["due"] == "2021-02-22T09:00:00+01:00"


def test_the_newest_of_a_recommended_and_of_an_ended_series_are_marked() -> None:
    digest = dirac_digest()
    assert {each["status"] for part in digest_json(digest)["repositories"] for each in part["latest"]} == {None}
    dirac, *others = digest.repositories
    statuses = dict(zip(("v7r1", "v7r0", "v6r22"), (RECOMMENDED, MAINTAINED, END_OF_LIFE), strict=True))
    marked = replace(digest, repositories=(replace(dirac, statuses=statuses), *others))
    words = " ".join(digest_text(marked).split())
    assert "newest: v7r2-pre34, v7r1p30 (recommended), v7r0p49, v6r22p35 (end-of-life) No" in words
    shown = {each["series"]: each["status"] for each in digest_json(marked)["repositories"][0]["latest"]}
    assert shown == {"v7r2": None, "v7r1": "recommended", "v7r0": "maintained", "v6r22": "end-of-life"}


def test_a_newest_release_after_the_period_has_its_date() -> None:
    digest = dirac_digest()
    earlier = replace(digest, period=replace(digest.period, end=paris("2021-02-15T00:00")))
    words = " ".join(digest_text(earlier).split())
    assert "v7r1p30 (20 Feb, after this period), v7r0p49 (15 Feb, after this period), v6r22p35 No" in words


def test_what_changed_stands_below_each_release_with_its_pull_requests() -> None:
    text = digest_text(noted_digest())
    assert (
        "  v7r1p28 (8 Feb): no release notes\n"
        "    https://github.example/DIRACGrid/DIRAC/releases/tag/v7r1p28\n"
        "    https://github.example/DIRACGrid/DIRAC/compare/v7r1p28...v7r1p28\n"
        "  v7r1p29 (15 Feb): 1 new, 1 change, 3 fixes\n"
    ) in text
    assert (
        "    NEW: Tokens <b>for</b> @channel (#4900)\n"
        "    CHANGE: Certificates are read once, and not again for each of the\n"
        "      many connections that a service opens (#4901)\n"
        "    FIX: First (#4902)\n"
        "    2 more\n"
    ) in text
    # Of the others nothing is known yet.
    assert "3 of v7r0: v7r0p47 (3 Feb), v7r0p48 (8 Feb)" in text


def test_a_longer_period_is_compared_with_the_one_before_and_drawn() -> None:
    [dirac, *others] = noted_digest().repositories
    part = replace(dirac, new=frozenset(), new_counts=replace(dirac.new_counts, ordinary=0))
    text = digest_text(replace(noted_digest(), repositories=(part, *others)))
    assert "  in the last month: 7 patch releases (v7r0: 3, v7r1: 4), in the month\n    before 14 ▃▁█▅\n" in text


def test_notes_are_links_where_a_format_has_them() -> None:
    digest = noted_digest()
    pull, compared = "https://github.example/DIRACGrid/DIRAC/pull/4900", "compare/v7r1p28...v7r1p29"
    blocks = json.dumps(render_digest(digest).blocks)
    for told in (digest_markdown(digest), digest_html(digest), blocks):
        assert pull in told
        assert compared in told
        assert "<b>" not in told


def test_all_of_a_digest_can_be_read_aloud_from_slack() -> None:
    text = render_digest(noted_digest()).text
    assert text.startswith("7 patch releases of DIRAC (v7r0: 3, v7r1: 4)")
    assert "CHANGE: Certificates are read once" in text
    assert "https://" not in text
    assert len(render_digest(huge_digest()).text.encode()) <= 3000


def test_the_rule_says_which_repositories_count_all_final_releases() -> None:
    quiet = [Observed(each, [], polled_at=paris("2021-02-22T08:00")) for each in (DIRAC, FINAL)]
    assert "Counts patch releases, of COMDIRAC all final releases; two tags" in digest_html(composed(quiet))
    assert "Counts final releases; two tags" in digest_html(composed(quiet[1:]))


def test_a_release_that_comes_late_is_told_with_what_changed_in_it() -> None:
    digest = noted_digest()
    [late] = digest.late
    detail = replace(digest.details[key_of(late)], notes=NotesRecord("", "", NotesSource.FILE, "dirac", NOTES))
    digest = replace(digest, details={**digest.details, key_of(late): detail})
    changed = "1 new, 1 change, 3 fixes"
    assert "v7r1p26 dated 20 Jan, found 2 Feb: 1 new, 1 change, 3\n    fixes\n    https://" in digest_text(digest)
    assert "changes since v7r1p28](<https://github.example/DIRACGrid/DIRAC/compare/v7r1p28...v7r1p26>): " in (
        digest_markdown(digest)
    )
    assert "found 2 Feb" in digest_html(digest)
    assert digest_html(digest).count(changed) == 2
    assert json.dumps(render_digest(digest).blocks).count(changed) == 2
    assert digest_json(digest)["late"][0]["notes"][0]["text"] == "Tokens <b>for</b> @channel"


def test_the_json_of_a_digest_has_notes_comparisons_and_trends() -> None:
    dirac: dict[str, Any] = digest_json(noted_digest())["repositories"][0]
    [release] = [each for each in dirac["releases"] if each["version"] == "v7r1p29"]
    assert release["notes"][0] == {
        "kind": "NEW",
        "text": "Tokens <b>for</b> @channel",
        "url": "https://github.example/DIRACGrid/DIRAC/pull/4900",
    }
    assert len(release["notes"]) == 5
    assert release["comparison_url"].endswith("compare/v7r1p28...v7r1p29")
    assert dirac["trend"] == [3, 0, 14]


HOSTILE = "<!channel> </li><script>alert(1)</script> ](javascript:x) ![i](https://x/y) \x1b[31m \u202e \0 <b>`*_ @here"


def test_notes_from_a_stranger_are_words_in_every_format() -> None:
    digest = noted_digest()
    hostile = NotesRecord("", "", NotesSource.FILE, "markdown", f"- (#7) {HOSTILE}\n" + f"- {'x' * 1_000_000}\n")
    details = {key: replace(detail, notes=hostile) for key, detail in digest.details.items()}
    digest = replace(digest, details=details)
    text, markdown, page = digest_text(digest), digest_markdown(digest), digest_html(digest)
    message = render_digest(digest)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "<script>" not in page
    assert "<!channel>" not in json.dumps(message.blocks) + message.text
    assert re.search(r"(?<!\\)\]\(javascript|(?<!\\)!|(?<!\\)<(?!https://)", markdown) is None
    assert max(map(len, (text, markdown, page))) < 30_000
    assert troubles(message.text, message.blocks) == ""
