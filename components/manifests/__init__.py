"""Pure builders: settings in, Kubernetes objects in wire format out. Nothing here imports Pulumi.

A value that is known only after creation (a mount target's domain, an ALB's id) is opaque here: a builder places it and
never formats, joins or compares it. The same builders serve ``pulumi up``, ``ackp render``, tests and benchmarks.
"""
