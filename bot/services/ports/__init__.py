"""What the use cases need of the outside: forges, chats and package indexes; and the errors that each may give."""

from bot.domain.errors import ForgeError
from bot.services.ports.chat import (
    Chat,
    ChatClient,
    ChatDoubtful,
    ChatError,
    ChatRefused,
    ChatUnavailable,
    CommandButton,
    DeliveryClient,
    Search,
)
from bot.services.ports.forges import (
    AnotherRepository,
    EvidenceAnswer,
    EvidenceRequest,
    Forge,
    ForgeUnavailable,
    Known,
    NotesAnswer,
    NotesRequest,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from bot.services.ports.health import AppHealth, ChatHealth, ForgeHealth
from bot.services.ports.hooks import HookFormat
from bot.services.ports.index import IndexAnswer, IndexUnavailable, PackageIndex

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
    "CommandButton",
    "DeliveryClient",
    "EvidenceAnswer",
    "EvidenceRequest",
    "Forge",
    "ForgeError",
    "ForgeHealth",
    "ForgeUnavailable",
    "HookFormat",
    "IndexAnswer",
    "IndexUnavailable",
    "Known",
    "NotesAnswer",
    "NotesRequest",
    "PackageIndex",
    "PollAnswer",
    "PollRequest",
    "RateLimited",
    "RepositoryNotFound",
    "Search",
    "TokenRefused",
]
