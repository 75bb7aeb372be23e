"""Any git server, by the git command."""
