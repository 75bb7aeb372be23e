"""Warning: tells the maintainers once of repositories most of whose tags are unread, so that counts mean little."""

from collections.abc import Sequence

from bot.domain.releases import is_mostly_unread
from bot.domain.repositories import Repository
from bot.services.maintainers import tell_maintainers
from bot.services.ports import Chat, Store

_MOST_TOLD = 20


def warn_of_unread(repositories: Sequence[Repository], store: Store, chat: Chat, maintainers: Sequence[str]) -> None:
    """Tell the maintainers in one message of repositories that became mostly unread; where nobody is, tell nobody."""
    if not maintainers:
        return
    records = store.records(repository.key for repository in repositories)
    unread = {
        record.repository: record
        for record in records
        if is_mostly_unread(record.considered_count, record.unclassified_count)
    }
    read_again = [each.repository for each in records if each.is_unread_told and each.repository not in unread]
    if read_again:
        store.mark_unread_told(read_again, is_told=False)
    new = [key for key, record in unread.items() if not record.is_unread_told]
    told = store.mark_unread_told(new, is_told=True) if new else frozenset()
    lines = [
        f"{key}: {unread[key].unclassified_count:,} of {unread[key].considered_count:,}" for key in new if key in told
    ]
    if lines and not tell_maintainers(_text(lines), chat, maintainers):
        store.mark_unread_told(told, is_told=False)


def _text(lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - _MOST_TOLD:,} more"] if len(lines) > _MOST_TOLD else []
    listed = "".join(f"\n• {line}" for line in (*lines[:_MOST_TOLD], *more))
    hint = "Their releases are not counted. Find a scheme or prefix that fits: release-bot watch check REPOSITORY"
    return f"Most tags of these repositories match no version scheme:{listed}\n{hint}"
