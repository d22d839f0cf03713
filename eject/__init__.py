"""The way out: a stack's state as files for kubectl, and the state empty, with nothing deleted."""
