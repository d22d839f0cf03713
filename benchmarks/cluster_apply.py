"""A control plane, and the copied project's stack applied to it: ``python -m benchmarks.cluster_apply FILE``.

It runs in the copied project, so the program, its settings and the tests' applier are the copy's. The file gets what
was measured, as JSON: ``ready`` and ``applied``, seconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.stack import STACK
from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.cluster.platform import Platform


def main(file: Path) -> None:
    """Start the plane, apply the stack, write down how long each took."""
    begin = time.monotonic()
    with control_plane(Lines()) as kubeconfig:
        ready = time.monotonic()
        platform = Platform(Api(kubeconfig), (STACK,))  # the program runs here: what it asks for is not what is timed
        applying = time.monotonic()
        with platform.at_work():
            applied = time.monotonic()
    figures = {"ready": ready - begin, "applied": applied - applying}
    file.write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
