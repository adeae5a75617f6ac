"""The gateway's own HTTP/1.1 server side: strict about what it reads, and bounded in all of it."""
