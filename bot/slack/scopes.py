"""The scopes that the bot needs of Slack; config/slack-manifest.yaml asks for them."""

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
)
