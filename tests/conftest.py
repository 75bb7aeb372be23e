"""Settings for every test."""

import os

from hypothesis import HealthCheck, settings

# The tests run beside each other on few cores: how long one example takes says nothing.
settings.register_profile("release-bot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("release-bot")


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: many tests wait for sockets and for other processes."""
    return (os.cpu_count() or 1) + 1
