"""Release bot: watches forges for tags, counts releases, posts digests."""
