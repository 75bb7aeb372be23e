"""Messages to the maintainers, each in a direct message of the chat."""

import logging
from collections.abc import Iterable

from bot.services.ports import Chat, ChatError, ChatUnavailable

_log = logging.getLogger(__name__)


def tell_maintainers(text: str, chat: Chat, maintainers: Iterable[str]) -> bool:
    """Tell each maintainer; return False where no chat could be reached, so that it is tried again.

    Where one of several chats could, its maintainers are not told a second time because of the others.
    """
    unavailable, is_told = False, False
    for user in maintainers:
        try:
            chat.tell(user, text)
            is_told = True
        except ChatUnavailable as error:
            _log.warning("the maintainers could not be told yet: %s", error)
            unavailable = True
        except ChatError as error:
            _log.warning("a maintainer could not be told: %s", error)
    return is_told or not unavailable


def tell_maintainers_once(text: str, chat: Chat, maintainers: Iterable[str]) -> None:
    """Tell each maintainer that can be reached now; nothing is tried again."""
    for user in maintainers:
        try:
            chat.tell(user, text)
        except ChatError as error:
            _log.warning("a maintainer could not be told: %s", error)
