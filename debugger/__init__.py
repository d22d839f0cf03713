"""Looking into a running service from a container beside its own."""
