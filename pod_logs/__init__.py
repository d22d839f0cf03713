"""What the pods of a service say, as the API server passes it on."""
