"""Validators of whole answers that need no model: each says one thing, in bounded time."""
