"""The steps of ``release-bot init``: what is asked, how each answer is checked, and the files that are written."""
