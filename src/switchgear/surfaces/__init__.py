"""Floor 3. Where callers come in."""
