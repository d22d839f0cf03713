"""Get every program that tests start, once and with progress: ``python -m tests.tools [node]``.

Without it the tests get them too, but silently, in the middle of a run.
"""

import sys

from benchmarks.helm_tool import helm_program
from cluster.node.programs import node_programs
from cluster.programs import find_programs
from sandbox.cargo_tools import crate_programs
from sandbox.engine import EngineUnavailableError, WayFailedError, find_engine
from sandbox.go_tools import programs
from sandbox.problem import SandboxError
from sandbox.progress import Lines, Progress
from tests.bundle.wheels import pinned_wheels
from tests.debian_packages import install_packages, unfit
from tests.debugger.arthas import arthas_files
from tests.image.base import base_files
from tests.image.jars import BOOTS, PLAIN, probe_jar
from tests.image.jvms import JVMS, java_home
from tests.lifecycle.jars import PAIRS, jars
from tests.lifecycle.registry import RNACOS
from tests.lifecycle.scene import service_images
from tests.manifests.tools import KUBE_SCORE, POD_SECURITY
from tests.pipelines.tools import ACTIONLINT, groovy


def main(tier: str = "") -> int:
    """Get all programs, or those of the tier `node`; 1 and the reason where one cannot be had."""
    progress = Lines()
    try:
        if tier == "node":
            _node(progress)
        else:
            _all(progress)
    except (EngineUnavailableError, SandboxError, WayFailedError) as error:
        progress.line(f"The tests cannot run: {error}")
        return 1
    return 0


def _node(progress: Progress) -> None:
    install_packages(progress)
    node_programs(progress)
    crate_programs(RNACOS, progress)
    service_images(progress)
    arthas_files(progress)


def _all(progress: Progress) -> None:
    if unfit():
        progress.line(f"Debian packages: {unfit()}; the tests that need them are left out, and named at the end")
    else:
        _node(progress)
        for pair in PAIRS:
            jars(pair, progress)
        base_files(progress)
        for jvm in JVMS:
            java_home(jvm, progress)
        for packed in (PLAIN, *BOOTS):
            probe_jar(packed, progress)
        groovy(progress)
    find_engine(progress)
    pinned_wheels(progress)
    find_programs(progress)
    programs(POD_SECURITY, progress)
    programs(KUBE_SCORE, progress)
    programs(ACTIONLINT, progress)
    helm_program()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
