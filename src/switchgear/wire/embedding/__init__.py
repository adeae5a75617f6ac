"""Floor 1. Texts to vectors, in the shape of OpenAI's embeddings."""
