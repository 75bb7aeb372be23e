"""What the use cases need of the outside: forges, the store, the chat; and the errors that each may give."""

from bot.services.ports.chat import (
    Chat,
    ChatDoubtful,
    ChatError,
    ChatRefused,
    ChatUnavailable,
    Posted,
)
from bot.services.ports.forges import (
    EvidenceAnswer,
    EvidenceRequest,
    Forge,
    ForgeError,
    ForgeUnavailable,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from bot.services.ports.store import (
    Delivery,
    Evidence,
    PastDigest,
    PollMark,
    RecordChanged,
    RepositoryRecord,
    Store,
    StoreError,
)

__all__ = [
    "Chat",
    "ChatDoubtful",
    "ChatError",
    "ChatRefused",
    "ChatUnavailable",
    "Delivery",
    "Evidence",
    "EvidenceAnswer",
    "EvidenceRequest",
    "Forge",
    "ForgeError",
    "ForgeUnavailable",
    "PastDigest",
    "PollAnswer",
    "PollMark",
    "PollRequest",
    "Posted",
    "RateLimited",
    "RecordChanged",
    "RepositoryNotFound",
    "RepositoryRecord",
    "Store",
    "StoreError",
    "TokenRefused",
]
