"""Connections to other machines, bounded in time and size whatever the other side does."""
