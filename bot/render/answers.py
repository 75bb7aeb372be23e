"""An answer as a sentence, sections and notes, before any markup: what the terminal and Slack have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.milestones import ChangeKind
from bot.domain.watches import WatchKind
from bot.render.answer_certification import certification_sections, certification_sentence
from bot.render.answer_notes import notes_of, reach_lines
from bot.render.answer_releases import latest_sections, release_sections, releases_sections, releases_sentence
from bot.render.digest_parts import Form, Section, period_line, rule_line, sections
from bot.render.follow_ups import FollowUp, after_digest, after_releases
from bot.render.markup import Markup
from bot.render.watching import fit_lines
from bot.render.words import plural
from bot.services.answering import FOLD
from bot.services.answers import (
    Answer,
    CertificationAnswer,
    ChangeAnswer,
    DigestAnswer,
    HelpAnswer,
    LatestAnswer,
    PostAnswer,
    PostsAnswer,
    RefusalAnswer,
    ReleaseAnswer,
    ReleasesAnswer,
    WatchAnswer,
    WatchedAnswer,
)

_CHANGES = (
    "add hackathon v7r2 2021-03-11",
    "done hackathon 4 of v7r2: quite conclusive",
    "move final certification of v7r2 to 11 March",
    "drop hackathon 5 of v7r2",
    "accept v7r2 2021-01-07",
    "undo",
    "watch github:DIRACGrid/Pilot",
    "unwatch Pilot",
    "post digest",
)
_VERBS = {ChangeKind.ADD: "planned", ChangeKind.DONE: "done", ChangeKind.MOVE: "moved", ChangeKind.DROP: "dropped"}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer in words: a sentence, what is behind it, what to know about it, and what to ask next."""

    sentence: str
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()


def told(answer: Answer, markup: Markup, mended: Sequence[tuple[str, str]] = ()) -> Told:
    """Put an answer into words; ``mended`` are words of the question that were read as others."""
    words = _told(answer, markup)
    read = [f"read “{markup.plain(written)}” as “{known}”" for written, known in mended if written]
    return replace(words, sentence=_capitalised(words.sentence), notes=(*words.notes, *read))


def _capitalised(sentence: str) -> str:
    """Begin with a capital, unless with a version or a name."""
    first = sentence.partition(" ")[0]
    return sentence if any(c.isdigit() for c in first) or first != first.lower() else sentence[0].upper() + sentence[1:]


def _told(answer: Answer, markup: Markup) -> Told:  # noqa: C901, PLR0911 - one way for each kind
    match answer:
        case ReleasesAnswer():
            notes, follow_ups = notes_of(answer, markup), after_releases(answer)
            return Told(releases_sentence(answer, markup), releases_sections(answer, markup), notes, follow_ups)
        case LatestAnswer():
            return Told(*latest_sections(answer, markup), notes_of(answer, markup))
        case ReleaseAnswer():
            return Told(*release_sections(answer, markup), notes_of(answer, markup))
        case CertificationAnswer():
            return Told(certification_sentence(answer, markup), certification_sections(answer, markup))
        case WatchedAnswer(reach=reach):
            lines = tuple(reach_lines(reach, markup))
            return Told(f"I watch {plural(len(lines), 'repository')}", (Section("", lines),) if lines else ())
        case DigestAnswer():
            return _digest(answer, markup)
        case HelpAnswer():
            return _help(answer, markup)
        case ChangeAnswer():
            return _changed(answer, markup)
        case PostAnswer():
            return Told(_posted(answer, markup))
        case PostsAnswer(posts):
            return Told(_sent_to(posts), (Section("", tuple(_posted(each, markup) for each in posts)),))
        case WatchAnswer():
            return _watched(answer, markup)
        case RefusalAnswer():
            return _refused(answer, markup)


def _digest(answer: DigestAnswer, markup: Markup) -> Told:
    digest = answer.digest
    parts = tuple(sections(digest, markup, Form(FOLD)))
    sentence = f"{markup.strong(markup.plain(digest.headline))}, {markup.plain(period_line(digest))}"
    return Told(sentence, parts, (markup.plain(rule_line(digest)),), after_digest(digest))


def _help(answer: HelpAnswer, markup: Markup) -> Told:
    parts = [_quoted("Ask for example", answer.examples, markup)]
    if answer.is_maintainer:
        parts.append(_quoted("As a maintainer you may also say", _CHANGES, markup))
    notes = ("also: without pre-releases, by week, between 1 and 15 March, since v7r1p25, list all, digest",)
    return Told("I count releases, and tell how certification stands", tuple(parts), notes)


def _quoted(title: str, questions: Sequence[str], markup: Markup) -> Section:
    return Section(markup.strong(title), tuple(markup.plain(question) for question in questions))


def _changed(answer: ChangeAnswer, markup: Markup) -> Told:
    change = answer.change
    title, series = markup.plain(change.title), markup.strong(markup.plain(answer.series))
    if answer.undone:
        return Told(f"{series}: change {change.number} ({title} {_VERBS[change.kind]}) is undone")
    joint = {ChangeKind.ADD: "for", ChangeKind.MOVE: "to"}.get(change.kind, "on")
    day = f" {joint} {change.day.day} {change.day:%b %Y}" if change.day else ""
    note = f" ({markup.plain(change.note)})" if change.note else ""
    return Told(
        f"{series}: {title} is {_VERBS[change.kind]}{day}{note}",
        notes=(f"change {change.number}; to take it back: undo {change.number}",),
    )


def _watched(answer: WatchAnswer, markup: Markup) -> Told:
    change = answer.change
    target = markup.strong(markup.plain(change.target))
    if answer.undone:
        return Told(f"{target}: change {change.number} ({change.kind.value}) is undone")
    if change.kind is WatchKind.ACCEPT:
        when = "a running bot polls it within a minute; what is there already is recorded and not announced"
        return Told(
            f"{target}: the repository at this path now is watched; the history of the old one is closed", (), (when,)
        )
    notes = (f"change {change.number} to what is watched; to take it back: undo watch {change.number}",)
    if change.kind is WatchKind.UNWATCH:
        return Told(f"{target} is watched no more; what was recorded of it is kept", notes=notes)
    if answer.fit is None:
        many = plural(len(answer.listed), "repository")
        return Told(f"{target} is watched: {many}, and those to come", notes=notes)
    lines = tuple(markup.plain(line) for line in fit_lines(answer.fit, change.scheme))
    when = "a running bot polls it within a minute; what is there already is recorded and not announced"
    return Told(f"{target} is watched", (Section("", lines),), (when, *notes))


def _sent_to(posts: Sequence[PostAnswer]) -> str:
    sent = sum(1 for each in posts if each.state == "sent")
    return f"the digest stands in {sent} of its {plural(len(posts), 'channel')}"


def _posted(answer: PostAnswer, markup: Markup) -> str:
    name, channel = markup.plain(answer.digest), markup.plain(answer.channel)
    states = {
        "sent": "was posted before to" if answer.was_there else "is posted to",
        "skipped": "is quiet, so it was not posted to",
        "pending": "waits to be posted to",
        "sending": "may have been posted, without an answer, to",
        "failed": "could not be posted to",
        "missing": "cannot be posted to",
        "dropped": "was dropped, so it is not posted to",
    }
    why = f": {markup.plain(answer.error)}" if answer.error and answer.state != "sent" else ""
    return f"digest {name} {states[answer.state]} {channel}{why}"


def _refused(answer: RefusalAnswer, markup: Markup) -> Told:
    nearest = f"; the nearest that I understand: “{markup.plain(answer.nearest)}”" if answer.nearest else ""
    parts = (_quoted("Ask for example", answer.examples, markup),) if answer.examples else ()
    follow_ups = (FollowUp("Ask that", answer.nearest),) if answer.nearest else ()
    return Told(f"Sorry, {markup.plain(answer.reason)}{nearest}", parts, (), follow_ups)
