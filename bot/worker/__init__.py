"""The worker: it wakes on schedule."""
