"""Answers that callers go on from: in memory, or with a file behind it."""
