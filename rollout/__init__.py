"""Which image a service runs, and how another one gets into the stack file: set, listed, put back, restarted."""
