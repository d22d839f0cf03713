"""Registering a cloud resource whose inputs a builder made."""

import re
from typing import Any

from components.manifests.metadata import Manifest

_CAPITAL = re.compile("[A-Z]")


def arguments(inputs: Manifest) -> dict[str, Any]:
    """Inputs by the provider's names, as arguments of the SDK's class: ``vpcId`` is ``vpc_id``.

    What is nested keeps its names: the SDK passes them on.
    """
    return {_CAPITAL.sub(lambda found: f"_{found[0].lower()}", name): value for name, value in inputs.items()}
