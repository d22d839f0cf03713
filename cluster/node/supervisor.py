"""The process that owns a node: it makes its namespaces, and removes all of it when it ends.

`python -m cluster.node.supervisor` reads one line of JSON (`programs`, `username`, `password`) and says one: what a
`Node` is made of, or `{"error": text}`. It ends when its standard input closes, which happens however its parent ends.
If it is killed itself, the kernel ends the node, and the next start removes its folder and control group by its record.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from cluster.node import control_groups
from cluster.node.network import NoFreeNetworkError, connect
from cluster.node.records import Record, recorded, remove_left_over
from cluster.owner import EndedError, ask, end_on_signals, keep, say
from cluster.processes import StartError

_END_SECONDS = 60.0

# The kernel kills the first when this process ends, the second with it, and with process 1 all of the node.
_NAMESPACES = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


class Supervisor:
    """Starts a node and removes it.

    Args:
        asked: `programs`, `username` and `password`, for `Components`.
    """

    def __init__(self, asked: dict[str, object]) -> None:
        self._asked = asked
        self._owned = ExitStack()
        self._record = Record.named(secrets.token_hex(4))
        self._inside: subprocess.Popen[str]

    def start(self) -> dict[str, str]:
        """Start everything; returns when pods can be created and the node is Ready.

        Returns:
            What `Node` holds.

        Raises:
            StartError: It did not come up; why.
        """
        remove_left_over()
        record, directory = self._record, Path(self._record.directory)
        self._owned.enter_context(recorded(record))
        directory.mkdir(mode=0o755)
        control_groups.make(record.cgroup)
        with (directory / "inside.log").open("w", encoding="utf-8") as log:
            self._inside = subprocess.Popen(  # noqa: S603 - this Python
                [*_NAMESPACES, sys.executable, "-m", "cluster.node.inside"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._owned.callback(self._end_inside)
        self._ask()
        try:
            network = connect(record.link, self._inside.pid)
        except NoFreeNetworkError as error:
            raise StartError(str(error)) from None
        stated = {**self._asked, "directory": str(directory), "network": network.block, "cgroup": record.cgroup}
        answer = self._ask(stated)
        return {**answer, "directory": str(directory), "network": network.block, "cgroup": record.cgroup}

    def watch(self) -> None:
        """See that the node lives.

        Raises:
            StartError: It has ended; why.
        """
        if self._inside.poll() is not None:
            self._ask()

    def end(self) -> None:
        """End everything and remove it."""
        self._owned.close()

    def _ask(self, question: Mapping[str, object] | None = None) -> dict[str, str]:
        answer = ask(self._inside, question) or {"error": self._last_words()}
        if "error" in answer:
            raise StartError(answer["error"])
        return answer

    def _last_words(self) -> str:
        return (Path(self._record.directory) / "inside.log").read_text(encoding="utf-8")[-2000:]

    def _end_inside(self) -> None:
        try:
            self._inside.communicate(timeout=_END_SECONDS)  # closes its input, and waits for its end
        except subprocess.TimeoutExpired:
            self._inside.kill()
            self._inside.communicate()


def main() -> int:
    """Start a node, say so, and keep it until told to end."""
    end_on_signals()
    supervisor = Supervisor(json.loads(sys.stdin.readline()))
    try:
        say(supervisor.start())
        keep(supervisor.watch, with_parent=True)
    except StartError as error:
        say({"error": str(error)})
        return 1
    except EndedError:
        return 0
    finally:
        supervisor.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
