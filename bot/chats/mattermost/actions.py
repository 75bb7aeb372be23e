"""Interactive buttons: Mattermost's server calls the bot with the context that the button was posted with.

The context has the words that the button sends, and a proof that the bot made it: a keyed hash of the words, so that
neither a database nor a message has the token itself. Mattermost shows the context to nobody.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from bot.chats.mattermost.messages import Button
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button sends; ``is_private`` says that one person alone saw it."""

    words: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Actions:
    """Makes the buttons of one chat, which Mattermost reports to ``url``, and checks what it reports."""

    url: str
    secret: str = field(repr=False)

    def attachments(self, buttons: Sequence[Button], *, is_private: bool = False) -> list[dict[str, Any]]:
        """Return the attachment of a post with these buttons."""
        actions = [
            {
                # Mattermost's addresses of actions have letters and digits only.
                "id": f"ask{number}",
                "type": "button",
                "name": each.label,
                "integration": {"url": self.url, "context": self._context(Pressed(each.words, is_private))},
            }
            for number, each in enumerate(buttons)
        ]
        return [{"fallback": ", ".join(each.label for each in buttons), "actions": actions}] if actions else []

    def read(self, context: object) -> Pressed | None:
        """Return what a button sends that the bot made; None for any other context."""
        if not isinstance(context, Mapping):
            return None
        words, proof, is_private = context.get("words"), context.get("proof"), context.get("private") is True
        if not isinstance(words, str) or not isinstance(proof, str):
            return None
        pressed = Pressed(words, is_private)
        return pressed if hmac.compare_digest(self._proof(pressed).encode(), proof.encode(errors="replace")) else None

    def _context(self, pressed: Pressed) -> dict[str, Any]:
        return {"words": pressed.words, "private": pressed.is_private, "proof": self._proof(pressed)}

    def _proof(self, pressed: Pressed) -> str:
        said = f"button {pressed.is_private} {pressed.words}"
        # JSON may hold half a character, which is no UTF-8.
        return hmac.new(self.secret.encode(), said.encode(errors="surrogatepass"), "sha256").hexdigest()
