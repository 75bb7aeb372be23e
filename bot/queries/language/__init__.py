"""The language of questions: text becomes a query, or is refused with a reason."""
