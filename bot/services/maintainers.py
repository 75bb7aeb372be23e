"""Messages to the maintainers, each in a direct message of the chat."""

import logging
from collections.abc import Iterable

from bot.services.ports import Chat, ChatError, ChatUnavailable

_log = logging.getLogger(__name__)


def tell_maintainers(text: str, chat: Chat, maintainers: Iterable[str]) -> bool:
    """Tell each maintainer; return False where the chat could not be reached, so that it is tried again."""
    for user in maintainers:
        try:
            chat.tell(user, text)
        except ChatUnavailable as error:
            _log.warning("the maintainers could not be told yet: %s", error)
            return False
        except ChatError as error:
            _log.warning("a maintainer could not be told: %s", error)
    return True


def tell_maintainers_once(text: str, chat: Chat, maintainers: Iterable[str]) -> None:
    """Tell each maintainer that can be reached now; nothing is tried again."""
    for user in maintainers:
        try:
            chat.tell(user, text)
        except ChatError as error:
            _log.warning("a maintainer could not be told: %s", error)
