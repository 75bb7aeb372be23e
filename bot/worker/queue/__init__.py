"""Many workers on one queue in PostgreSQL: the worker's tasks as jobs of procrastinate (``run --queue``)."""
