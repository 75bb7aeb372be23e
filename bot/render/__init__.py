"""Answers and digests in words, tables and JSON; pure."""
