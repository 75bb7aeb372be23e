"""What maintainers run from a checkout: packages, releases, the manual page. Not in the wheel."""
