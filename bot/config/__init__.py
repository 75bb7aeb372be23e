"""The configuration: one TOML file, checked as a whole, turned into domain values."""
