"""Where digests are read: Slack's messages, and the way there."""
