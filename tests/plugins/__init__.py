"""The stacks under the operator's own `pulumi` and plug-ins, on a real control plane: `make test-plugins`.

Not part of `make test`: the plug-ins come with the Pulumi installer and from its servers, and from nowhere else.
"""
