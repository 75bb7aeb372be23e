"""What is read by other programs: a module for each kind, with a function for each address."""
