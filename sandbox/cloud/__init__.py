"""An Alibaba Cloud account and its Kubernetes cluster in memory, for the real Pulumi engine to talk to.

The engine attaches to the two gRPC servers of this package (``PULUMI_DEBUG_PROVIDERS``). They answer for the
``kubernetes`` and the ``alicloud`` provider. They keep what was created, refuse what the real cloud refuses, and leave
ordering, planning and state to the engine.
"""
