"""Two environments beside each other: what differs between them, and an image's way from one to the next."""
