"""Imitations of the controllers that ACK runs: what they are documented to do, as far as this platform needs it."""
