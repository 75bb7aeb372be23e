"""Package indexes: where released versions are uploaded, and when."""
