"""What another policy would have made of past calls: decided again, compared, and estimated."""
