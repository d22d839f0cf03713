"""What looks into a running service."""

from config.model import Model
from config.scalars import ImageReference, ObjectName


class PacketCapture(Model):
    """What ``ackp tcpdump`` runs; unset: it is refused. Who captures sees what services say to each other."""

    image: ImageReference
    """An image with ``tcpdump`` and ``sleep``, and with the user that its ``tcpdump`` changes to."""
    pull_secret: ObjectName | None = None
    """A Secret of the namespace ``ack-platform-capture`` with the registry's login; unset: none is needed."""


class Debug(Model):
    """The tools that ``ackp arthas``, ``heapdump`` and ``reach`` bring into a pod, when a person asks for them."""

    image: ImageReference
    """An image with sh and a JDK; for ``ackp arthas`` with Arthas in ``/opt/arthas`` or where its ARTHAS_HOME says, for
    ``ackp reach`` with curl. Where the services' images choose their user, it has the same."""
    packet_capture: PacketCapture | None = None
    """Packets of the stack's pods may be captured; refused when unset."""
