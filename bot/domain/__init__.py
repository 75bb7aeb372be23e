"""What tags, releases, periods, counts and digests are; pure: no clock, network, database or environment."""
