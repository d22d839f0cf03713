"""A typed reader of another stack's outputs, for consumers that are Pulumi programs in Python."""

import difflib

import pulumi

from contract.model import SCHEMA_VERSION, PlatformOutputs, ServiceOutputs


class PlatformRef:
    """The outputs of a platform stack.

    Example:
        ``PlatformRef("organization/ack-platform/uat").service("gateway").url``
    """

    def __init__(self, stack: str, opts: pulumi.ResourceOptions | None = None) -> None:
        """Refer to a stack.

        Args:
            stack: ``organization/project/stack``; with a store of one's own the organization is ``organization``.
            opts: options of the underlying ``pulumi.StackReference``.

        Raises:
            pulumi.RunError: when the outputs are read: the stack has none, or they are of another major version.
        """
        self._stack = stack
        reference = pulumi.StackReference(stack, opts=opts)
        self.outputs: pulumi.Output[PlatformOutputs] = reference.outputs.apply(self._validate)
        """All outputs, validated."""
        self.namespace: pulumi.Output[str] = self.outputs.apply(lambda outputs: outputs.namespace)
        """The environment's namespace."""
        self.alb_dns_name: pulumi.Output[str | None] = self.outputs.apply(lambda outputs: outputs.alb.dns_name)
        """The ALB's DNS name."""

    def service(self, name: str) -> "ServiceRef":
        """One service of the stack; a name that is not there is an error that names the nearest."""
        return ServiceRef(self.outputs.apply(lambda outputs: self._service(outputs, name)))

    def _validate(self, values: object) -> PlatformOutputs:
        version = str(values.get("schemaVersion", "")) if isinstance(values, dict) else ""
        if not version:
            raise pulumi.RunError(f"the stack {self._stack} has no outputs of ack-platform; was it ever deployed?")
        if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise pulumi.RunError(
                f"the stack {self._stack} has outputs of version {version}; this reader knows {SCHEMA_VERSION}: "
                "update the package contract"
            )
        return PlatformOutputs.model_validate(values)

    def _service(self, outputs: PlatformOutputs, name: str) -> ServiceOutputs:
        if name in outputs.services:
            return outputs.services[name]
        near = difflib.get_close_matches(name, outputs.services, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"it has {', '.join(sorted(outputs.services))}"
        raise pulumi.RunError(f'the stack {self._stack} has no service "{name}"; {hint}')


class ServiceRef:
    """The outputs of one service."""

    def __init__(self, outputs: pulumi.Output[ServiceOutputs]) -> None:
        self.url: pulumi.Output[str | None] = outputs.apply(lambda service: service.url)
        """The first public URL, or None."""
        self.urls: pulumi.Output[list[str]] = outputs.apply(lambda service: service.urls)
        """All public URLs."""
        self.host: pulumi.Output[str | None] = outputs.apply(lambda service: service.host)
        """The public host, or None."""
        self.port: pulumi.Output[int | None] = outputs.apply(lambda service: service.port)
        """The port of the Kubernetes Service, or None."""
        self.image: pulumi.Output[str] = outputs.apply(lambda service: service.image)
        """The image reference that its pods run."""
