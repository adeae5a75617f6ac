"""Ways to tell operators what happens."""
