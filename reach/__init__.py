"""What a service's pods reach: asked from inside them, step by step."""
