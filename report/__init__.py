"""What a preview of the engine means for who is served: read, judged and shown."""
