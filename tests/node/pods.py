"""Commands in the containers of real pods, and waiting for what pods become."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kubernetes import client, config
from kubernetes.stream import stream

from tests.cluster.api import Api, Object

T = TypeVar("T")


class CommandFailedError(AssertionError):
    """A command in a container ended with another code than 0; the text is the code and what it said."""


def run_in(kubeconfig: Path, pod: Object, command: Sequence[str], container: str | None = None) -> str:
    """What a command says in a container of a pod, as `kubectl exec` shows it.

    Args:
        kubeconfig: Whom to be.
        pod: The live pod.
        command: Program and arguments.
        container: The container's name; the first one if left out.

    Raises:
        CommandFailedError: It failed.
    """
    configuration: Any = client.Configuration()
    loader: Any = config.load_kube_config
    loader(str(kubeconfig), client_configuration=configuration)
    connection: Any = client.CoreV1Api(client.ApiClient(configuration))  # its own: `stream` bends the one it is given
    call: Any = stream
    said = call(
        connection.connect_get_namespaced_pod_exec,
        pod["metadata"]["name"],
        pod["metadata"]["namespace"],
        container=container or pod["spec"]["containers"][0]["name"],
        command=list(command),
        stdout=True,
        stderr=True,
        _preload_content=False,
    )
    said.run_forever(timeout=60)
    text, code = f"{said.read_stdout()}{said.read_stderr()}", said.returncode
    said.close()
    if code != 0:
        raise CommandFailedError(f"{' '.join(command)}: {code}: {text}")
    return text


def get(url: str) -> str:
    """What an HTTP server answers.

    Raises:
        OSError: It does not answer, or not with success.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the address is this machine's
    with opener.open(url, timeout=10) as answer:
        text: bytes = answer.read()
    return text.decode()


def answers(url: str) -> bool:
    """Whether an HTTP server answers with success."""
    try:
        return bool(get(url))
    except OSError:
        return False


def is_ready(pod: Object) -> bool:
    """Whether a pod is Ready."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def status_of(pod: Object, container: str | None = None) -> Object:
    """The status of a container, an init container too; of the first one if left out."""
    stated = pod["status"]
    found: Object
    for found in (*stated.get("containerStatuses", ()), *stated.get("initContainerStatuses", ())):
        if container in (None, found["name"]):
            return found
    raise LookupError(f"no status of {container}")


def restarts_of(pod: Object, container: str | None = None) -> int:
    """How often a container was started again: 0 as long as the kubelet has told nothing of it."""
    try:
        count: int = status_of(pod, container)["restartCount"]
    except LookupError:
        return 0
    return count


def is_gone(api: Api, stated: Object) -> bool:
    """Whether an object is there no more."""
    return api.live(stated) is None


def remove_namespace(api: Api, name: str) -> None:
    """Delete a namespace with all that is in it, and wait until it is gone."""
    stated = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    api.delete(stated)
    eventually(lambda: is_gone(api, stated), 240)


def eventually(condition: Callable[[], T | None], seconds: float = 120) -> T:
    """Wait for a condition, on a machine that may be busy, and return what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
        time.sleep(0.2)
