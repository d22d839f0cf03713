"""Directories of services for the log retention script, and its run over them under a shell."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.scripts.pod_list import TOKEN

SCRIPT = Path(__file__).parents[2] / "components" / "scripts" / "log-retention.sh"
SHELLS = ("dash", "bash")
OWN_POD = "log-retention-29384710-x7k2p"
LIVE = "file-68bff5d45b-cgnd8"
GONE = "file-68bff5d45b-zzzzz"
DAY = 86400


class Volume:
    """The mounted directories of the services, and the run of the script over them."""

    def __init__(self, folder: Path, api: str, shell: str) -> None:
        self.root, self.api, self.shell = folder / "data" / "product-uat", api, shell
        self.account = folder / "service-account"
        self.account.mkdir()
        (self.account / "token").write_text(TOKEN)
        (self.account / "ca.crt").write_text("")
        self.service("file")

    def service(self, name: str, *, marked: bool = True) -> Path:
        directory = self.root / name
        directory.mkdir(parents=True)
        if marked:
            (directory / ".log-retention").touch()
        return directory

    def file(self, path: str, *, days: float, content: str = "x", service: str = "file") -> Path:
        made = self.root / service / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(content)
        age(made, days)
        return made

    def run(self, **changes: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "API_SERVER": self.api,
            "DRY_RUN": "false",
            "DUMPS_DAYS": "30",
            "KEEP_DUMPS": "2",
            "LOGS_DAYS": "14",
            "NAMESPACE": "uat",
            "PATH": os.environ["PATH"],
            "POD_NAME": OWN_POD,
            "ROOT": str(self.root.parent),
            "SERVICE_ACCOUNT": str(self.account),
            **changes,
        }
        # find starts the script again by `sh`: the shell under test stands first on PATH under that name.
        bin_folder = self.account.parent / "bin"
        bin_folder.mkdir(exist_ok=True)
        shell = bin_folder / "sh"
        if not shell.exists():
            found = shutil.which(self.shell)
            assert found, f"{self.shell} is needed"
            shell.symlink_to(found)
        variables["PATH"] = f"{bin_folder}:{variables['PATH']}"
        return subprocess.run(
            [str(shell), str(SCRIPT)],
            env={name: value for name, value in variables.items() if value != "unset"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()}


def age(path: Path, days: float) -> None:
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment), follow_symlinks=False)
