"""Polling: what changed, how often to look, and what to believe."""
