"""GitHub's webhooks: of a repository, an organisation or an App, which all look alike."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from bot.domain.polling.hooks import HookEvent, HookKind
from bot.forges.payload import id_of, read_object, text_of

_FORM = "application/x-www-form-urlencoded"
_TAGS = "refs/tags/"
# Of a form with more fields none is GitHub's.
_MOST_FIELDS = 5


class GitHubHooks:
    """Webhooks with GitHub's HMAC of the body, as JSON or as a form."""

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str, _now: datetime) -> bool:
        """Return whether a webhook is signed with a secret; it has no moment that could be checked."""
        signature = f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"
        return hmac.compare_digest(headers.get("x-hub-signature-256", "").encode(), signature.encode())

    def event(self, headers: Mapping[str, str], body: bytes) -> HookEvent:
        """Return what a webhook says. Raises ValueError if it cannot be read."""
        payload = read_object(_json_of(headers, body))
        repository = payload.get("repository")
        of = repository if isinstance(repository, dict) else {}
        return HookEvent(_kind(headers.get("x-github-event", ""), payload), text_of(of, "full_name"), id_of(of, "id"))


def _json_of(headers: Mapping[str, str], body: bytes) -> bytes:
    if not headers.get("content-type", "").lower().startswith(_FORM):
        return body
    form = parse_qs(body.decode(), max_num_fields=_MOST_FIELDS)
    return form.get("payload", [""])[0].encode()


def _kind(event: str, payload: Mapping[str, Any]) -> HookKind:
    """Return what an event is about; a push of a branch brings no tag."""
    if event == "ping":
        return HookKind.PING
    is_of_tags = (
        event == "release"
        or (event == "push" and text_of(payload, "ref").startswith(_TAGS))
        or (event in ("create", "delete") and text_of(payload, "ref_type") == "tag")
    )
    return HookKind.TAGS if is_of_tags else HookKind.OTHER
