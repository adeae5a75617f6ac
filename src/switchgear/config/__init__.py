"""Floor 2. What the owner asked for."""
