"""An Alibaba Cloud account and its Kubernetes cluster in memory, for the real Pulumi engine to talk to.

The engine attaches to the two gRPC servers of this package (``PULUMI_DEBUG_PROVIDERS``). They answer for the
``kubernetes`` and the ``alicloud`` provider. They keep what was created, refuse what the real cloud refuses, and leave
ordering, planning and state to the engine.

Where it is not the real thing:

- Nothing runs. Pods, ALBs and mount targets are ready at once or not at all; nothing takes minutes.
- One cluster and one provider of each name: the configuration that came last counts for all.
- Previews do not ask the API server: a misspelt field of a Kubernetes object is kept, not refused.
- Changes are whole objects: fields that somebody else wrote are not kept, and there are no field conflicts.
- Quotas count Deployments only, for CPU, memory and pods; an autoscaler never scales.
- The objects of a Helm chart are not made; only the custom kinds that its controller brings appear.
- Permissions, billing, limits of the account, and names that must be unique in the world are not checked.
- A Secret that is only read comes back with digests for values: the sandbox keeps no secret value.
"""
