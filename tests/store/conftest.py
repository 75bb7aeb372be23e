"""Databases for the store's tests."""

from tests.databases import database_url, empty_database_url, postgresql, store

__all__ = ["database_url", "empty_database_url", "postgresql", "store"]
