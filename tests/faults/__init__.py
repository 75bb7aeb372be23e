"""Every fault that the bot meets, made to happen for real, and told as the tables of ``docs/FAULTS.md``."""
