"""The command line: reads options, calls the use cases, prints; a command a module."""
