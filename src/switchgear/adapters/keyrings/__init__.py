"""Where keys are kept that were made while the gateway runs."""
