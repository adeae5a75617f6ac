"""Floor 3. The outside, fitted to the ports."""
