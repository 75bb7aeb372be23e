"""Commands: changes that people ask for in words."""
