"""Mattermost, where digests are posted and questions come from."""
