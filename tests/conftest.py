"""Settings for every test."""

from hypothesis import HealthCheck, settings

# The tests run beside each other on few cores: how long one example takes says nothing.
settings.register_profile("release-bot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("release-bot")
