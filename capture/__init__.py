"""The packets of a service's pod, captured on its node and brought to this machine."""
