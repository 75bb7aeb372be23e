"""Questions: what people ask in words, understood as values or refused with a reason."""
