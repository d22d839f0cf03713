"""Serve the sandbox's cloud until whoever started it is gone.

``python -m sandbox.cloud --contents FILE --seed FILE [--faults FILE] [--parent-pid N]`` binds two servers to free ports
of 127.0.0.1, prints one JSON line ``{"kubernetes": PORT, "alicloud": PORT}``, and serves until its standard input
closes, the parent process ends, or SIGTERM. SIGINT is left to the parent: both sit in the terminal's process group.
"""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox.cloud.account import Account
from sandbox.cloud.cluster import Cluster
from sandbox.cloud.contents import Contents
from sandbox.cloud.faults import Faults
from sandbox.cloud.provider import serve
from sandbox.cloud.seed import plant

_POLL = 0.5  # seconds between two looks at the parent
_GRACE = 1.0  # seconds that calls under way have to end


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.cloud", description=__doc__)
    parser.add_argument("--contents", type=Path, required=True, help="what exists: read at start, kept up to date")
    parser.add_argument("--seed", type=Path, required=True, help="what a new sandbox starts with")
    parser.add_argument("--faults", type=Path, help="rules of faults, read again when the file changes")
    parser.add_argument("--parent-pid", type=int, help="end when this process ends")
    options = parser.parse_args(arguments)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        faults = Faults(options.faults)
        contents = Contents(options.contents)
        if contents.is_new:
            plant(contents, options.seed)
            contents.save()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"sandbox cloud: {error}\n")
        return 1

    kubernetes, kubernetes_port = serve(Cluster(contents), faults)
    alicloud, alicloud_port = serve(Account(contents), faults)
    sys.stdout.write(json.dumps({"kubernetes": kubernetes_port, "alicloud": alicloud_port}) + "\n")
    sys.stdout.flush()

    threading.Thread(target=_watch_input, args=(ended,), daemon=True).start()
    while not ended.wait(_POLL):
        if options.parent_pid and not _lives(options.parent_pid):
            break
    for stopped in [kubernetes.stop(_GRACE), alicloud.stop(_GRACE)]:
        stopped.wait()
    contents.close()
    return 0


def _watch_input(ended: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    ended.set()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    # Threads that wait in a hanging call would keep the interpreter: the contents are written, so end here.
    code = main()
    sys.stdout.flush()
    os._exit(code)
