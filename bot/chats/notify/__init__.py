"""Notification services that digests are posted to, through Apprise."""
