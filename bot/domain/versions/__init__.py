"""Versions: the schemes that read them from tags."""
