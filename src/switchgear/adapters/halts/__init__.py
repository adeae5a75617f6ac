"""Where halts are posted."""
