"""What the bot does: one use case a module, plain functions on the store and on ports."""
