"""What is learnt from outcomes while the gateway runs, and what it says of a call."""
