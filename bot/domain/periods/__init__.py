"""Dates and periods in the words that people use, for questions and options alike."""
