"""Messages to the maintainers, each in a direct message of the chat."""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.domain.certification.hints import Hint
from bot.domain.digests.digest import Digest
from bot.domain.releases import needs_a_rule
from bot.domain.repositories import Repository, one_of_each_source
from bot.services.ports import Chat, ChatError, ChatUnavailable, CommandButton

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

# So many repositories are named in one message.
_MOST_NAMED = 20


def tell_maintainers(text: str, chat: Chat, maintainers: Iterable[str]) -> bool:
    """Send a message to each maintainer; return False where no chat could be reached, so that the caller retries.

    Where one of several chats could be reached, its maintainers get no second message because of the others.
    """
    unavailable, is_sent = False, False
    for user in maintainers:
        try:
            chat.direct_message(user, text)
            is_sent = True
        except ChatUnavailable as error:
            _log.warning("cannot notify the maintainers yet: %s", error)
            unavailable = True
        except ChatError as error:
            _log.warning("cannot notify a maintainer: %s", error)
    return is_sent or not unavailable


def tell_maintainers_once(
    text: str, chat: Chat, maintainers: Iterable[str], buttons: Sequence[CommandButton] = ()
) -> None:
    """Send a message to each maintainer that can be reached now, without a retry."""
    for user in maintainers:
        try:
            chat.direct_message(user, text, buttons)
        except ChatError as error:
            _log.warning("cannot notify a maintainer: %s", error)


def warn_of_unread(repositories: Sequence[Repository], store: "Store", chat: Chat, maintainers: Sequence[str]) -> None:
    """Send the maintainers one message on the repositories whose tags became unclassified for the most part.

    Those of organisations whose version scheme is a doubtful guess are named too.
    """
    if not maintainers:
        return
    shared = {repository.source: repository for repository in one_of_each_source(repositories)}
    records = store.tags.records(shared)
    unread = {
        record.repository: record
        for record in records
        if record.considered_count
        and needs_a_rule(shared[record.repository], record.considered_count, record.unclassified_count)
    }
    read_again = [each.repository for each in records if each.is_unread_told and each.repository not in unread]
    if read_again:
        store.polls.mark_unread_told(read_again, is_told=False)
    new = [key for key, record in unread.items() if not record.is_unread_told]
    marked = store.polls.mark_unread_told(new, is_told=True) if new else frozenset()
    lines = [
        f"{key}: {unread[key].unclassified_count:,} of {unread[key].considered_count:,}" for key in new if key in marked
    ]
    if lines and not tell_maintainers(_text(lines), chat, maintainers):
        store.polls.mark_unread_told(marked, is_told=False)


def tell_of_digest(digest: Digest, chat: Chat, maintainers: Sequence[str]) -> None:
    """Send the maintainers what a digest leaves to them: new unclassified tags, and hackathons to accept."""
    suggested = _suggested(digest)
    lines = _first([*(f"• {line}" for line in _new_unclassified(digest)), *(each.line for each in suggested)])
    if lines and maintainers:
        text = "\n".join([f"For you, from the digest {digest.name}, not posted there:", *lines])
        tell_maintainers_once(text, chat, maintainers, suggested)


def _new_unclassified(digest: Digest) -> list[str]:
    named: dict[str, list[str]] = {}
    for each in digest.unclassified:
        named.setdefault(each.repository, []).append(each.tag)
    return [f"unclassified tags of {key}, not counted: {', '.join(_first(tags))}" for key, tags in named.items()]


def _suggested(digest: Digest) -> list[CommandButton]:
    """Return a line for each hackathon that pull requests suggest, with the command and the button that accept it."""
    return [
        _accepting(each.series, hint)
        for each in (part.certification for part in digest.certifications)
        for hint in each.hints[-_MOST_NAMED:]
    ]


def _accepting(series: str, hint: Hint) -> CommandButton:
    day, pulls = hint.day.isoformat(), ", ".join(f"#{pull.number}" for pull in hint.pull_requests)
    typed = f"to accept: release-bot certification accept {series} {day}"
    line = f"• possible hackathon of {series} on {day} ({pulls}); {typed}"
    return CommandButton(line, "Accept", f"Accept the hackathon of {series} on {day}", f"accept {series} {day}")


def _text(lines: Sequence[str]) -> str:
    listed = "".join(f"\n• {line}" for line in _first(lines))
    hint = (
        "Releases of such tags are not counted. Find a scheme or prefix that fits: release-bot watch check REPOSITORY"
    )
    return f"Unclassified tags of repositories whose version scheme fits badly:{listed}\n{hint}"


def _first(items: Sequence[str]) -> list[str]:
    more = [f"and {len(items) - _MOST_NAMED:,} more"] if len(items) > _MOST_NAMED else []
    return [*items[:_MOST_NAMED], *more]
