"""What looks into a running service."""

from config.model import Model
from config.scalars import ImageReference


class Debug(Model):
    """The tools of ``ackp heapdump``. They come into a pod only when a person asks for them."""

    image: ImageReference
    """An image with sh and a JDK, and with the user of the services' images where those choose their own."""
