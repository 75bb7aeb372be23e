"""The worker: polls and posts digests on schedule."""
