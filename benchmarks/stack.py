"""A large stack in the shape of the shipped one: the catalogue's services over and over, under numbered names."""

import copy
import itertools
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from sandbox.place import VARIABLE

ROOT = Path(__file__).resolve().parent.parent
STACK = "uat"
SECOND_STACK = "next"
ACKP = (sys.executable, "-c", "from cli.app import main; main()")
"""The command line of the project in which it is started."""
_PREFIX = "ack-platform:"
_PACKAGES = ("benchmarks", "cli", "components", "config", "contract", "cost", "policies", "report", "sandbox")


def copy_project(folder: Path, services: int) -> None:
    """Copy the project into a folder, with so many services in its stack uat and in its catalogue.

    Each service has six Kubernetes objects; every seventh, a gateway, has an Ingress and an autoscaler beside them.
    Where an account's limits would refuse the shipped settings a hundred times over, they are less: a gateway has one
    listener (an ALB takes 100 forwarding rules), and only the first service has an EIP (a region gives 20).
    """
    for package in _PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, folder / name)
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
    _write(folder / f"Pulumi.{STACK}.yaml", stack)
    _write(folder / "config" / "services.yaml", catalogue)


def add_typo(folder: Path) -> None:
    """Misspell one key of a copied project's stack file."""
    file = folder / f"Pulumi.{STACK}.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("minReplicas", "minReplcas", 1), encoding="utf-8")


def add_stack(folder: Path) -> None:
    """Give a copied project a second stack on the same cluster: the first under other names: nothing clashes."""
    text = (folder / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8")
    (folder / f"Pulumi.{SECOND_STACK}.yaml").write_text(text.replace(STACK, SECOND_STACK), encoding="utf-8")


def change_images(folder: Path) -> None:
    """Give each service of a copied project another image."""
    file = folder / f"Pulumi.{STACK}.yaml"
    stack = yaml.safe_load(file.read_text(encoding="utf-8"))
    for service in stack["config"][f"{_PREFIX}services"].values():
        service["image"]["digest"] = f"sha256:{'9' * 64}"
    _write(file, stack)


def environment(folder: Path) -> dict[str, str]:
    """The environment in which Python finds the copied project, with a sandbox of its own and compiled modules kept."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(folder), VARIABLE: str(folder / "sandbox-state")}


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
