"""A large stack in the shape of the shipped one: the catalogue's services over and over, under numbered names."""

import copy
import itertools
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
STACK = "uat"
_PREFIX = "ack-platform:"


def write_project(folder: Path, services: int) -> None:
    """Write Pulumi.uat.yaml and the catalogue, services.yaml, of a stack with so many services into a folder.

    Each service has six Kubernetes objects; every seventh, a gateway, has an Ingress and an autoscaler beside them.
    Where an account's limits would refuse the shipped settings a hundred times over, they are less: a gateway has one
    listener (an ALB takes 100 forwarding rules), and only the first service has an EIP (a region gives 20).
    """
    stack = yaml.safe_load((ROOT / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))
    shipped = yaml.safe_load((ROOT / "config" / "services.yaml").read_text(encoding="utf-8"))
    config = stack["config"]
    originals = config.pop(f"{_PREFIX}services")
    catalogue: dict[str, Any] = {}
    stated: dict[str, Any] = {}
    for number, original in zip(range(services), itertools.cycle(originals), strict=False):
        name = f"{original}-{number:03}"
        catalogue[name] = copy.deepcopy(shipped[original])
        catalogue[name].setdefault("service", {"port": 8080})
        catalogue[name]["registration"]["nacosName"] = name
        stated[name] = copy.deepcopy(originals[original])
        if "ingress" in catalogue[name]:
            del catalogue[name]["ingress"]["listeners"][1:], stated[name]["ingress"]["redirectToHttps"]
        if number >= len(originals):
            catalogue[name].pop("eip", None)
    config[f"{_PREFIX}services"] = stated
    unlimited = {"requests.cpu": "100000", "requests.memory": "100Ti", "limits.memory": "100Ti", "pods": "100000"}
    config[f"{_PREFIX}environment"]["quota"]["hard"].update(unlimited)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"Pulumi.{STACK}.yaml", stack)
    _write(folder / "services.yaml", catalogue)


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
