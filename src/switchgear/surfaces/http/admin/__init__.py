"""The admin plane: what owners change while the gateway runs."""
