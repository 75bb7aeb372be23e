"""The demo, over recorded forges."""
