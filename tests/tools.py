"""Get every program that tests start, once and with progress: ``python -m tests.tools``.

Without it the tests get them too, but silently, in the middle of a run.
"""

import sys

from benchmarks.helm_tool import helm_program
from cluster.programs import find_programs
from sandbox.cargo_tools import crate_programs
from sandbox.engine import EngineUnavailableError, WayFailedError, find_engine
from sandbox.go_tools import programs
from sandbox.progress import Lines
from tests.debian_packages import install_packages, unfit
from tests.lifecycle.jars import PAIRS, jars
from tests.lifecycle.registry import RNACOS
from tests.manifests.tools import KUBE_SCORE, POD_SECURITY


def main() -> int:
    """Get all programs; 1 and the reason where one cannot be had."""
    progress = Lines()
    try:
        if unfit():
            progress.line(f"Debian packages: {unfit()}; the tests that need them are left out, and named at the end")
        else:
            install_packages(progress)
            crate_programs(RNACOS, progress)
            for pair in PAIRS:
                jars(pair, progress)
        find_engine(progress)
        find_programs(progress)
        programs(POD_SECURITY, progress)
        programs(KUBE_SCORE, progress)
        helm_program()
    except (EngineUnavailableError, WayFailedError) as error:
        progress.line(f"The tests cannot run: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
