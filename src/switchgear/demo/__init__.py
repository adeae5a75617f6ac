"""Floor between the app and the command line. The main job, shown on simulated providers."""
