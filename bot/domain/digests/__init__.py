"""Digests: what is in one, and when it is due."""
