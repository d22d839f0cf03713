"""Kubernetes quantities as exact numbers, so that sums and limits can be compared.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from fractions import Fraction
from functools import lru_cache

_SUFFIX = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([a-zA-Z]*)")
MI = 2**20


@lru_cache(maxsize=1024)  # a stack states the same few amounts for most of its services
def parse(text: str) -> Fraction:
    """The exact value of a quantity: cores for CPU, bytes for memory, a count for objects.

    Raises:
        ValueError: ``text`` is not a non-negative decimal with one of the suffixes m, k, M, G, T, Ki, Mi, Gi, Ti.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2] not in _SUFFIX:
        raise ValueError(f"{text!r} is not a Kubernetes quantity")
    return Fraction(match[1]) * _SUFFIX[match[2]]


def mebibytes(text: str) -> int:
    """The whole MiB in a memory quantity, rounded down."""
    return int(parse(text) // MI)


def show_cpu(value: Fraction) -> str:
    """Cores as Kubernetes writes them: ``1500m``, or ``2`` when whole."""
    return str(int(value)) if value.denominator == 1 else f"{int(value * 1000)}m"


def show_memory(value: Fraction) -> str:
    """Bytes in the largest unit that stays exact, down to MiB: ``2Gi``, ``1536Mi``."""
    if value and value % 2**30 == 0:
        return f"{int(value / 2**30)}Gi"
    return f"{int(value / MI)}Mi"
