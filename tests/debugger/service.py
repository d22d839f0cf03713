"""A JVM on this machine, in namespaces of its own, with a tool's script beside it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from components.manifests.security import UID
from debugger.script import script

SHELLS = ("dash", "bash --posix", "busybox sh")
_SERVICE = """
public class Service {
    public static int doubled(int number) { return 2 * number; }
    public static void main(String[] arguments) throws Exception {
        new java.io.File("started").createNewFile();
        for (int number = 0; ; number++) {
            try { doubled(number); } catch (RuntimeException thrown) { new java.io.File("thrown").createNewFile(); }
            Thread.sleep(100);
        }
    }
}
"""
_BESIDE = """
setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" --clear-groups $JAVA & service=$!
for attempt in $(seq 600); do [ -e started ] && break; sleep 0.1; done
[ -z "$BETWEEN" ] || setpriv --reuid 10001 --regid 10001 --clear-groups sh -c "$BETWEEN"
setpriv --reuid 10001 --regid 10001 --clear-groups "$@"
code=$?
ls -A /tmp >left
for attempt in $(seq 300); do # Arthas's own end a moment later
    cat /proc/$service/task/*/comm >threads 2>/dev/null
    grep -q ^arthas threads || break
    sleep 0.2
done
kill -KILL $service
exit $code
"""


@dataclass(frozen=True)
class Service:
    """A service that runs on this machine with a /tmp of its own.

    Attributes:
        folder: Its working directory, with `data` as DATA_DIR.
    """

    folder: Path

    def beside(
        self,
        tool: str,
        *words: str,
        options: tuple[str, ...] = (),
        shell: str = "dash",
        user: int = UID,
        name: str = "java",
        mounts: Mapping[Path, Path] | None = None,
        before: str = "",
        between: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start the service, and a tool's script beside it; it ends with the script.

        Args:
            tool: The script's name in `debugger`.
            words: What the script is given.
            options: The JVM's.
            shell: What runs the script.
            user: The service's.
            name: The name of its process.
            mounts: Folders of this machine, also those in its /tmp, by where the service has them.
            before: Commands in its mounts, before it starts.
            between: Commands of the script's user beside the service, before the script.
            environment: The script's, beside this process's.
        """
        (self.folder / "started").unlink(missing_ok=True)
        (self.folder / tool).write_text(script(tool), encoding="utf-8")
        java = shutil.which("java")
        assert java
        started = [java if name == "java" else str(self.folder / name), *options, "-cp", str(self.folder), "Service"]
        binds = [f"mount --bind {shlex.quote(str(given))} {place}" for place, given in (mounts or {}).items()]
        inside = "\n".join(("set -e", *binds, "mount -t tmpfs -o mode=1777 tmpfs /tmp", before, "set +e", _BESIDE))
        spaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
        own = {"SERVICE_USER": str(user), "JAVA": " ".join(started), "BETWEEN": between}
        return subprocess.Popen(
            [*spaces, "sh", "-c", inside, "sh", *shell.split(), str(self.folder / tool), *words],
            cwd=self.folder,
            env={**os.environ, **own, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def left(self) -> set[str]:
        """What there was in /tmp when the script had ended, without the JVM's own, and which threads of Arthas's."""
        files = (self.folder / "left").read_text(encoding="utf-8").splitlines()
        threads = (self.folder / "threads").read_text(encoding="utf-8").splitlines()
        return {
            *(each for each in files if not each.startswith((".java_pid", "hsperfdata_"))),
            *(each for each in threads if each.startswith("arthas")),
        }


@contextmanager
def service() -> Iterator[Service]:
    """It is outside of /tmp, over which a test mounts another, and where its user may go."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    (folder / "data").mkdir()
    (folder / "Service.java").write_text(_SERVICE, encoding="utf-8")
    subprocess.run(["javac", "Service.java"], cwd=folder, check=True)
    for each in (folder, folder / "data"):
        os.chown(each, UID, UID)
    yield Service(folder)
    shutil.rmtree(folder)
