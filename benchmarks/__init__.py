"""How fast the bot is, measured against a stated reference in the same run."""
