"""GitLab's webhooks: of a project, a group or a whole instance, with a secret token or a signing token."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from bot.domain.polling.hooks import HookEvent, HookKind
from bot.forges.payload import id_of, read_number, read_object, read_seconds, text_of

# A signing token: this, and its key in base 64 (standardwebhooks.com).
_SIGNING = "whsec_"
_VERSION = "v1,"
# How far the moment of a signed webhook may be from ours, before or after.
_TOLERANCE = timedelta(minutes=5)
# Of several signatures, which a sender makes with an old and a new token, no more are compared.
_MOST_SIGNATURES = 10
# System hooks have ``event_name`` in place of ``object_kind``.
_OF_TAGS = ("tag_push", "release")


class GitLabHooks:
    """Webhooks with GitLab's token, or signed as Standard Webhooks, where the secret is a signing token."""

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
        """Return whether a webhook has the secret token, or is signed with the signing token and sent lately."""
        if secret.startswith(_SIGNING):
            return _is_recent(headers.get("webhook-timestamp", ""), now) and _has_signature(headers, body, secret)
        return hmac.compare_digest(headers.get("x-gitlab-token", "").encode(), secret.encode())

    def event(self, _headers: Mapping[str, str], body: bytes) -> HookEvent:
        """Return what a webhook says; GitLab's tests are examples of events. Raises ValueError if it cannot be read."""
        payload = read_object(body)
        what = text_of(payload, "object_kind") or text_of(payload, "event_name")
        project = payload.get("project")
        of = project if isinstance(project, dict) else {}
        kind = HookKind.TAGS if what in _OF_TAGS else HookKind.OTHER
        return HookEvent(kind, text_of(of, "path_with_namespace"), id_of(of, "id") or id_of(payload, "project_id"))


def _is_recent(timestamp: str, now: datetime) -> bool:
    seconds = read_number(timestamp)
    sent = None if seconds is None else read_seconds(seconds)
    return sent is not None and abs(now - sent) <= _TOLERANCE


def _has_signature(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
    right = b64encode(hmac.new(_key(secret), signed, sha256).digest())
    given = [each for each in headers.get("webhook-signature", "").split() if each.startswith(_VERSION)]
    # All are compared, however early one is right.
    found = [hmac.compare_digest(each.removeprefix(_VERSION).encode(), right) for each in given[:_MOST_SIGNATURES]]
    return any(found)


def _key(secret: str) -> bytes:
    """Return the key of a signing token; one that is not in base 64 is taken as it stands."""
    text = secret.removeprefix(_SIGNING)
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return text.encode()
