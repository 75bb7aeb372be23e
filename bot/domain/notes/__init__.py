"""Release notes: a release's own block of a file or of its forge's release text, and the entries in it."""
