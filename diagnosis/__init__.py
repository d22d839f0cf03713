"""Why the pods of a service are not ready, from what the API server has of them."""
