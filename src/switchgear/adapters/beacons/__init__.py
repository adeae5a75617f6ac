"""How nodes tell one another things."""
