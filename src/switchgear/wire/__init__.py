"""Floor 1. The tongues: pure translation between bytes and our words, one module a dialect."""
