"""Pods without a node: the processes of a pod on an address of their own, told what the product's builders render.

What kubelet does is done here in its order: sidecar and application start; Ready is the application's readiness and the
sidecar's; at the end both preStops start together, the application gets SIGTERM after its own, the sidecar at last.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from components.manifests.env_vars import env_vars
from components.manifests.metadata import Manifest
from components.manifests.registration import registration_env
from config import StackSettings, load
from config.files import YamlFile
from tests.lifecycle.addresses import address
from tests.lifecycle.jars import Pair
from tests.lifecycle.registry import Registry
from tests.scripts.registration import SCRIPT
from tests.settings import REMOVED, source

PORT: Final = 8080
GIVE_UP_SECONDS: Final = 600.0
"""How long a process may take for what takes seconds, on a machine that is busy with other things."""
JAVA: Final = ("java", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""A JVM that starts soon; its flags are not what is looked at here."""

_READINESS = "/actuator/health/readiness"
_SERVICE: Final[dict[str, Any]] = {
    "port": PORT,
    "nas": None,
    "probes": {"type": "http", "readinessPath": _READINESS},
}
_IMAGE: Final = {"tag": "uat-1.0-abcdef1-20260101T000000"}


def wait_for(claim: Callable[[], bool], what: str, seconds: float = GIVE_UP_SECONDS) -> float:
    """Wait until something holds; returns how many seconds that took."""
    began = time.monotonic()
    while not claim():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)
    return time.monotonic() - began


def stack(nacos: Registry, **registrations: Mapping[str, object]) -> StackSettings:
    """The stack `uat` with services of the given names and registrations, in the registry's public namespace.

    Args:
        nacos: Where they register.
        registrations: `registration` of each service by its name; `nacosName` is the name if it is left out.
    """
    catalogue = {
        name: {**_SERVICE, "registration": {"nacosName": name, **registration}}
        for name, registration in registrations.items()
    }
    here: dict[str, object] = {
        "logRetention": REMOVED,
        "nacos": {"address": nacos.address, "version": "2.x", "namespaceId": "public"},
        "services": {name: {"image": _IMAGE} for name in registrations},
    }
    return load(source("uat", here), YamlFile("services.yaml", dict(catalogue)), secrets="generated")


@dataclass
class Pod:
    """One pod of a service.

    Attributes:
        settings: What the stack says.
        service: The service's name in the stack.
        pair: The versions that its process is made of.
        jar: The program, `provider` or `consumer`.
        directory: Where it may write.
        variables: More variables of the application's process.
        sidecar_variables: More variables of the script.
        ip: Its address.
    """

    settings: StackSettings
    service: str
    pair: Pair
    jar: str
    directory: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    sidecar_variables: Mapping[str, str] = field(default_factory=dict)
    ip: str = field(default_factory=address)
    application: subprocess.Popen[bytes] = field(init=False, repr=False)
    sidecar: subprocess.Popen[bytes] = field(init=False, repr=False)

    @property
    def name(self) -> str:
        """The pod's name."""
        return f"{self.service}-{self.ip.replace('.', '-')}"

    @property
    def log(self) -> Path:
        """What its processes said."""
        return self.directory / f"{self.name}.log"

    def start(self) -> None:
        """Start its processes; returns at once."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.start_sidecar()
        self.start_application()

    def start_sidecar(self) -> None:
        """Start the script as the sidecar does."""
        self.sidecar = self._start(["sh", str(SCRIPT), "run"], self._script_variables())

    def start_application(self) -> None:
        """Start the service's process."""
        variables = self._resolved(env_vars(self.settings, self.service), self.variables)
        options, parameters = variables["SYSTEM_OPTIONS"].split(), variables["PROGRAM_PARAMS"].split()
        program = [*JAVA, *options, "-jar", str(self.pair.place / f"{self.jar}.jar"), *parameters]
        # In a pod the address is the only one; here the process must not take the port on all others.
        self.application = self._start(program, {**variables, "SERVER_ADDRESS": self.ip})

    def verb(self, words: str) -> subprocess.Popen[bytes]:
        """Start a verb of the script as kubelet does, in the sidecar's surroundings."""
        return self._start(["sh", str(SCRIPT), *words.split()], self._script_variables())

    def ready(self) -> bool:
        """Whether the pod is Ready: the application's readiness and the sidecar's."""
        return self.answers(_READINESS) and self.sidecar_ready()

    def sidecar_ready(self) -> bool:
        """Whether the sidecar's readiness probe succeeds."""
        return self.verb("ready").wait() == 0

    def answers(self, path: str = "/hello") -> bool:
        """Whether the process answers with 200."""
        return self.ask(path)[0] == 200

    def ask(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Status and text of an answer; 0 and the reason where there is none."""
        request = urllib.request.Request(f"http://{self.ip}:{PORT}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- http, to the pod
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_until_ready(self) -> float:
        """Wait until the pod is Ready; returns how many seconds that took."""
        return wait_for(self.ready, f"{self.name} is Ready: {self.log.read_text()[-3000:]}")

    def end(self) -> None:
        """The end of a pod, as kubelet does it."""
        drain = self.settings.life_cycle(self.service).drain
        seconds = int(self.sidecar_variables.get("REGISTRATION_DRAIN_SECONDS", drain))
        offline = self.verb("offline")
        time.sleep(seconds)
        self.application.send_signal(signal.SIGTERM)
        self.application.wait(GIVE_UP_SECONDS)
        offline.wait(GIVE_UP_SECONDS)
        self.sidecar.send_signal(signal.SIGTERM)
        self.sidecar.wait(GIVE_UP_SECONDS)

    def kill(self) -> None:
        """End whatever still runs."""
        for process in (getattr(self, "application", None), getattr(self, "sidecar", None)):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def _start(self, command: list[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.directory,
                env={"PATH": os.environ["PATH"], **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _script_variables(self) -> dict[str, str]:
        state = {"REGISTRATION_STATE": str(self.directory / self.name), "REGISTRATION_CREDENTIALS": ""}
        rendered = registration_env(self.settings, self.service)
        return self._resolved(rendered, {**state, **self.sidecar_variables})

    def _resolved(self, rendered: list[Manifest], more: Mapping[str, str]) -> dict[str, str]:
        """What kubelet makes of a container's variables: fields of the pod, and `$(NAME)`."""
        fields = {"status.podIP": self.ip, "metadata.name": self.name, "spec.nodeName": "node"}
        variables: dict[str, str] = {}
        for entry in rendered:
            value = entry["value"] if "value" in entry else fields[entry["valueFrom"]["fieldRef"]["fieldPath"]]
            for name, known in variables.items():
                value = value.replace(f"$({name})", known)
            variables[entry["name"]] = value
        return {**variables, **_writable(self.directory), **more}


@contextmanager
def running(*pods: Pod) -> Iterator[None]:
    """Pods that are started together and Ready; none of their processes outlives the block."""
    with contextlib.ExitStack() as stack:
        for pod in pods:
            stack.callback(pod.kill)
            pod.start()
        for pod in pods:
            pod.wait_until_ready()
        yield


@contextmanager
def watched(look: Callable[[], str | None]) -> Iterator[list[str]]:
    """Look again and again while the block lasts; yields what was seen that must not be."""
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            wrong = look()
            if wrong:
                seen.append(wrong)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _writable(directory: Path) -> dict[str, str]:
    return {"HOME": str(directory), "TMPDIR": str(directory)}
