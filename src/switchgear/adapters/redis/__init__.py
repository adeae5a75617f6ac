"""What nodes share by Redis or Valkey: it may be lost, and nobody waits long for it."""
