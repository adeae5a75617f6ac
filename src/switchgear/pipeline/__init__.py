"""Floor 3. The life of a call: layers around one handler."""
