"""Other places to post digests to than Slack: everything that the library Apprise knows an address for."""
