"""Where tags come from: one module a forge; they do not know each other."""
