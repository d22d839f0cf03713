"""A container registry, asked about tags and digests with the login of Docker."""
