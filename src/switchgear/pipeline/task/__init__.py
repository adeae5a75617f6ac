"""Tasks: which one a call belongs to, what it may use, and what is done when it goes wrong."""
