"""Addresses of the loopback network, so that each process of a test has one of its own with the usual ports.

Linux answers on all of 127.0.0.0/8 without further set-up.
"""

import ipaddress
import random

_NETWORK = ipaddress.ip_network("127.64.0.0/10")
_CHOICE = random.SystemRandom()


def address() -> str:
    """An address that, by chance, no other test uses: there are four million."""
    return str(_NETWORK[_CHOICE.randrange(1, _NETWORK.num_addresses - 1)])
