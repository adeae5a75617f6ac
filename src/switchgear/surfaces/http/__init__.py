"""The gateway's HTTP face: plain ASGI."""
