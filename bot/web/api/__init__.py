"""The API: the answers of the command line over HTTP, described by OpenAPI."""
