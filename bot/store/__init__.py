"""The store: what was observed and what was posted, in SQLite or PostgreSQL."""
