"""Where rates and places are counted."""
