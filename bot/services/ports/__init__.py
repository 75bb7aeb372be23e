"""What the use cases need of the outside: forges and chats; and the errors that each may give."""

from bot.services.ports.chat import (
    Chat,
    ChatClient,
    ChatDoubtful,
    ChatError,
    ChatRefused,
    ChatUnavailable,
    DeliveryClient,
    Search,
)
from bot.services.ports.forges import (
    AnotherRepository,
    EvidenceAnswer,
    EvidenceRequest,
    Forge,
    ForgeError,
    ForgeUnavailable,
    Known,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from bot.services.ports.health import AppHealth, ChatHealth, ForgeHealth

__all__ = [
    "AnotherRepository",
    "AppHealth",
    "Chat",
    "ChatClient",
    "ChatDoubtful",
    "ChatError",
    "ChatHealth",
    "ChatRefused",
    "ChatUnavailable",
    "DeliveryClient",
    "EvidenceAnswer",
    "EvidenceRequest",
    "Forge",
    "ForgeError",
    "ForgeHealth",
    "ForgeUnavailable",
    "Known",
    "PollAnswer",
    "PollRequest",
    "RateLimited",
    "RepositoryNotFound",
    "Search",
    "TokenRefused",
]
