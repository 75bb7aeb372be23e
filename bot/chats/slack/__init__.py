"""Slack, where digests are posted and questions are asked."""
