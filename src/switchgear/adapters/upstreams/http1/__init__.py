"""HTTP/1.1 to providers: one answer reader, one connection, one pool."""
