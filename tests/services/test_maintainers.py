"""What the maintainers are told, in one chat or several; once of repositories most of whose tags are not read."""

from dataclasses import replace
from datetime import date

from bot.domain.certification.certification import Certification
from bot.domain.certification.hints import Hint, PullRequest
from bot.domain.digests.digest import CertificationDigest, Unclassified
from bot.services.maintainers import tell_maintainers, tell_of_digest, warn_of_unread
from bot.services.ports import ChatRefused, ChatUnavailable
from bot.services.rebuild import refresh_releases, rules_of
from bot.store.store import Store
from tests.builders import a_repository, a_tag, paris
from tests.fakes import FakeChat
from tests.histories import write_tags
from tests.render.digests import dirac_digest

CHARTS = a_repository("DIRACGrid/diracx-charts")
NAMES = [f"diracx-0.1.{number}" for number in range(39)]


def polled(store: Store) -> None:
    write_tags(store, CHARTS, [a_tag(name) for name in [*NAMES, "v0.0.1"]])


def test_they_are_told_once(store: Store) -> None:
    polled(store)
    chat = FakeChat()
    for _ in range(2):
        warn_of_unread([CHARTS], store, chat, ["U1", "U2"])
    assert [user for user, _ in chat.told] == ["U1", "U2"]
    assert "• github:DIRACGrid/diracx-charts: 39 of 40\n" in chat.told[0][1]


def test_where_the_chat_cannot_be_reached_they_are_told_later(store: Store) -> None:
    polled(store)
    chat = FakeChat(ChatUnavailable("slack", "did not answer"))
    warn_of_unread([CHARTS], store, chat, ["U1"])
    assert chat.told == []
    warn_of_unread([CHARTS], store, chat, ["U1"])
    assert len(chat.told) == 1


def test_what_was_mended_and_broken_again_is_told_again(store: Store) -> None:
    polled(store)
    chat = FakeChat()
    warn_of_unread([CHARTS], store, chat, ["U1"])
    mended = a_repository("DIRACGrid/diracx-charts", exclude="^diracx-")
    assert rules_of(mended) != rules_of(CHARTS)
    for repository in (mended, CHARTS):
        refresh_releases([repository], store)
        warn_of_unread([repository], store, chat, ["U1"])
    assert len(chat.told) == 2


def test_few_tags_and_excluded_ones_say_nothing(store: Store) -> None:
    chat = FakeChat()
    few, excluded = a_repository("x/few"), a_repository("x/excluded", exclude="^diracx-")
    write_tags(store, few, [a_tag(name) for name in NAMES[:4]])
    write_tags(store, excluded, [a_tag(name) for name in NAMES])
    warn_of_unread([few, excluded], store, chat, ["U1"])
    assert chat.told == []


def test_a_guessed_scheme_that_fits_badly_is_told_too(store: Store) -> None:
    chat = FakeChat()
    guessed = replace(a_repository("x/guessed"), is_doubtful=True)
    write_tags(store, guessed, [a_tag("v1r0"), a_tag("odd")])
    for _ in range(2):
        warn_of_unread([guessed], store, chat, ["U1"])
    [(_, text)] = chat.told
    assert "• github:x/guessed: 1 of 2\n" in text


def test_where_no_chat_can_be_reached_they_are_to_be_told_later() -> None:
    chat = FakeChat(ChatUnavailable("slack", "did not answer"))
    assert not tell_maintainers("look", chat, ["slack:U1"])


def test_whom_one_chat_reached_is_not_told_again_because_of_another() -> None:
    chat = FakeChat(ChatUnavailable("other", "did not answer"), ChatRefused("slack", "user_not_found"))
    assert tell_maintainers("look", chat, ["other:U1", "slack:U1", "slack:U2"])
    assert chat.told == [("slack:U2", "look")]


def test_what_a_digest_leaves_to_them_is_told_with_what_to_do() -> None:
    chat = FakeChat()
    digest = replace(dirac_digest(), unclassified=tuple(Unclassified(CHARTS.key, name) for name in NAMES))
    tell_of_digest(digest, chat, ["U1"])
    [(_, text)] = chat.told
    assert text.startswith("For you, from the digest monthly, not posted there:\n• unclassified tags of github:")
    assert "diracx-0.1.19, and 19 more" in text
    tell_of_digest(replace(digest, unclassified=()), chat, ["U1"])
    tell_of_digest(digest, chat, [])
    assert len(chat.told) == 1


def test_a_suggested_hackathon_has_a_button_that_accepts_it_and_the_command_to_type() -> None:
    chat, pull = FakeChat(), PullRequest(4791, "Hackathon", "x", paris("2021-01-07T10:00"))
    hint = Hint(date(2021, 1, 7), "hackathon", (pull,))
    certification = Certification("github:DIRACGrid/DIRAC", "v7r2", date(2021, 2, 22), (), (), (), None, (), (hint,))
    digest = replace(dirac_digest(), certifications=(CertificationDigest(certification, (), (), ()),))
    tell_of_digest(digest, chat, ["U1"])
    [(_, text)] = chat.told
    [button] = chat.buttons
    assert button.line in text.splitlines()
    assert button.line.endswith("to accept: release-bot certification accept v7r2 2021-01-07")
    assert (button.label, button.command) == ("Accept", "accept v7r2 2021-01-07")
