"""What each fault does: pure functions from a request to the steps on its connection."""
