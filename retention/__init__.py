"""The log retention of a stack, run now: `ackp clean`."""
