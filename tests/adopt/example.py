"""The example of an existing cluster, made again: the guide's cluster, adopted and improved by the stated commands.

``python -m tests.adopt.example`` writes it anew.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

import cli.adopt
import cli.next
import config
from cli.app import app
from cluster.plane import control_plane
from config import load_stack
from sandbox.progress import Lines
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Api
from tests.program.stacks import FOLDERS

STACK = "prod"
FILE = FOLDERS[STACK] / f"Pulumi.{STACK}.yaml"
_CONFIG = "\nconfig:\n"


def made(root: Path) -> str:
    """The text that the example should have, with its own head, made in an empty folder.

    The image of each service is the one that the example names: the commands are told it.
    """
    head = FILE.read_text(encoding="utf-8").partition(_CONFIG)[0]
    adopt, following = _commands(head)
    assert following == ["next", STACK, "SERVICE", "--apply", "ITEM"]
    images = {name: service.image.tag for name, service in load_stack(STACK, FILE.parent).services.items()}
    catalogue = root / "services.yaml"
    catalogue.write_bytes(config.CATALOGUE.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "CATALOGUE", catalogue)
        patch.setattr(cli.adopt, "ROOT", root)
        patch.setattr(cli.next, "ROOT", root)
        _adopt(root, adopt)
        for service, tag in images.items():
            _improve(service, f"image={tag}")
    return head + _CONFIG + (root / FILE.name).read_text(encoding="utf-8").partition(_CONFIG)[2]


def _commands(head: str) -> list[list[str]]:
    """The arguments of each `ackp` in the comments."""
    text = re.sub(r"\\\n# *", "", head)
    return [shlex.split(each, comments=True) for each in re.findall(r"^# +scripts/ackp (.+)$", text, re.MULTILINE)]


def _adopt(root: Path, arguments: list[str]) -> None:
    # A control plane of its own: the file is written anew outside of pytest too.
    with (
        control_plane(Lines()) as kubeconfig,
        GuideCluster(Api(kubeconfig)).at_work() as guide,
        pytest.MonkeyPatch.context() as patch,
    ):
        guide.make(STACK)
        guide.settle(STACK)
        (root / ".kube").mkdir()
        (root / ".kube" / "config").symlink_to(kubeconfig)
        patch.setenv("HOME", str(root))  # the stack file says where the kubeconfig is
        _ackp(*arguments)


def _improve(service: str, image: str) -> None:
    """Apply the first improvement that nothing blocks, until there is none; that of the image is told which."""
    while True:
        [report] = json.loads(_ackp("next", STACK, service, "--json"))
        able = [each["item"] for each in report["improvements"] if not each["blocked"]]
        if any(each["item"] == "image" for each in report["improvements"]):
            able = [image]
        if not able:
            return
        _ackp("next", STACK, service, "--apply", able[0])


def _ackp(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, f"{arguments}: {result.output}"
    return result.stdout


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        FILE.write_text(made(Path(folder)), encoding="utf-8")
