"""Floor 1. The mind: pure functions that decide."""
