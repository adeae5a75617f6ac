"""Floor 0. The words: frozen values, units, ids and errors, with no rule in them."""
