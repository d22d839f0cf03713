"""The command line, `ackp`."""
