"""The store: what was observed and what was told, in SQLite or PostgreSQL."""
