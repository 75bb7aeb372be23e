"""The message about releases: each line stands alone, whatever a forge has put into it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.chats.notify.announcements import announcement_message
from bot.chats.notify.services import Ways
from bot.chats.slack.blocks import render_announcement
from bot.domain.digests.digest import ReleaseDetails
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.releases import Release, ReleaseState, key_of, releases_of
from bot.domain.subscriptions import Announced, Announcement, ReleaseEvent
from bot.domain.versions.semver import SemverScheme
from bot.render.announcement import last_line, release_lines
from bot.render.markup import TEXT
from tests.builders import PARIS, a_repository, a_tag, paris
from tests.chats.slack.fake_slack import texts_of, troubles

DIRAC = a_repository()
URL = "https://github.example/DIRACGrid/DIRAC/releases/tag"


def a_release(name: str = "v7r1p29") -> Release:
    return releases_of(DIRAC, [a_tag(name, paris("2021-02-15T20:20"))])[0]


def an_announcement(*releases: Release, **parts: object) -> Announcement:
    items = tuple(Announced(each, ReleaseEvent.OUT, (3,)) for each in releases)
    names = {DIRAC.key: "DIRAC"}
    return replace(Announcement("#c", PARIS, items, names, lasting=(3,)), **parts)  # type: ignore[arg-type]


def line(release: Release, event: ReleaseEvent = ReleaseEvent.OUT, was: str | None = None) -> str:
    [only] = release_lines(Announced(release, event, (3,), was), "DIRAC", PARIS, TEXT)
    return only


def test_a_release_is_named_with_its_kind_series_and_date() -> None:
    assert line(a_release()) == (f"v7r1p29 of DIRAC (patch release of v7r1) is out: 15 Feb 2021 20:20 {URL}/v7r1p29")
    assert line(a_release("v7r2")) == f"v7r2 of DIRAC (minor release) is out: 15 Feb 2021 20:20 {URL}/v7r2"
    assert "v7r2-pre34 of DIRAC (pre-release of v7r2) is out" in line(a_release("v7r2-pre34"))
    library = a_repository("lab/library", scheme=SemverScheme())
    [single] = releases_of(library, [a_tag("1.2.0", paris("2021-02-15T20:20"))])
    assert "1.2.0 of DIRAC (minor release of 1.2) is out" in line(single)


def test_what_changed_in_a_release_stands_below_it() -> None:
    release = a_release()
    notes = NotesRecord(
        "", "", NotesSource.FILE, "dirac", "NEW: (#4900) <b>Tokens</b>\nFIX: One\nFIX: Two\nFIX: Three\n"
    )
    item, detail = Announced(release, ReleaseEvent.OUT, (3,)), ReleaseDetails(DIRAC, notes)
    assert release_lines(item, "DIRAC", PARIS, TEXT, detail)[1:] == [
        "1 new, 3 fixes",
        "• NEW: <b>Tokens</b> (#4900)",
        "• FIX: One",
        "• FIX: Two",
        "• 1 more",
    ]
    announcement = replace(an_announcement(release), details={key_of(release): detail})
    assert "&lt;b&gt;Tokens" in render_announcement(announcement, is_answered=True).text
    # While they have not been read nothing is said of them.
    unread = ReleaseDetails(DIRAC, NotesRecord("", ""))
    assert len(release_lines(item, "DIRAC", PARIS, TEXT, unread)) == 1


def test_a_release_without_a_known_date_is_told_all_the_same() -> None:
    assert "is out: its date is not known yet" in line(replace(a_release(), date=None))


def test_what_is_yanked_is_said_to_be_with_a_bounded_reason() -> None:
    yanked = replace(a_release(), state=ReleaseState.YANKED, yanked="x" * 900)
    assert f"; it is yanked from the package index ({'x' * 199}…)" in line(yanked)


def test_the_last_line_says_how_to_unsubscribe_where_it_is_read() -> None:
    announcement = an_announcement(a_release())
    assert last_line(announcement, TEXT, is_answered=True) == "to unsubscribe, write to release-bot: unsubscribe 3"
    assert last_line(announcement, TEXT, is_answered=False) == "to unsubscribe: release-bot subscriptions remove 3"
    more = replace(announcement, left=1_200, lasting=())
    assert last_line(more, TEXT, is_answered=True) == "1,200 more releases in the next message"
    assert last_line(replace(announcement, lasting=(), ending=(3,)), TEXT, is_answered=True) == (
        "this ends the subscription"
    )


def test_slack_links_the_version_and_shows_nothing_as_markup() -> None:
    hostile = replace(a_release(), version="<!here>*v7*", url="javascript:alert(1)")
    text = render_announcement(an_announcement(hostile), is_answered=True).text
    assert "<!here>" not in text
    assert "javascript" not in text
    harmless = render_announcement(an_announcement(a_release()), is_answered=True).text
    assert harmless.startswith(f"<{URL}/v7r1p29|v7r1p29> of DIRAC")


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)
releases = st.lists(names, min_size=1, max_size=40, unique=True).map(
    lambda found: [replace(a_release(), version=name, normalized=name, url=f"https://x/{name}") for name in found]
)


@given(releases)
def test_slack_takes_every_message_and_it_names_what_it_says_to_name(found: list[Release]) -> None:
    announcement = an_announcement(*found)
    message = render_announcement(announcement, is_answered=True)
    assert troubles(message.text, message.blocks) == ""
    kept = [item for item in announcement.items if item.key not in message.unnamed]
    assert kept == list(announcement.items[: len(kept)])
    assert kept
    shown = [text for block in message.blocks for text in texts_of(block)]
    assert len(shown) == len(kept) + 1


@given(releases, st.sampled_from(["markdown", "html", "text"]), st.integers(160, 2_000), st.booleans())
def test_every_message_fits_its_service(found: list[Release], language: str, most: int, is_shared: bool) -> None:  # noqa: FBT001
    announcement = an_announcement(*found)
    message = announcement_message(announcement, Ways(language, most, 60, is_shared=is_shared), str)
    assert len(message.body) + (len(message.title) + 2 if is_shared else 0) <= most
    kept = len(found) - len(message.unnamed)
    assert kept >= 1
    assert message.unnamed == {item.key for item in announcement.items[kept:]}
