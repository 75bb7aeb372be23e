"""Shell completion: a script for each shell, and the command that answers it."""
