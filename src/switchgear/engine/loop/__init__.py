"""Loops: what a task did of late, and the signs in it that it goes in circles; all of it pure."""
