"""Chats: where people read digests and ask questions."""
