"""Where the owner's functions are asked what they think of an answer."""
