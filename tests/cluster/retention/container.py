"""A pod's container on this machine, as kubelet would set it up, but with a shell's own tools instead of a runtime."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.cluster.api import Api, Object
from tests.cluster.retention.image import Image

_ENTER = """
root=$1
shift
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
    mount --bind "$1" "$root$2"
    [ "$3" = write ] || mount -o remount,bind,ro "$root$2"
    shift 3
done
mount -o remount,bind,ro "$root"
shift
exec "$@"
"""
_RUN_SECONDS = 60


class Container:
    """The only container of a pod that the API server has.

    Its command, variables, user, mounts and volumes are those of the live pod, what admission added included. A token
    is asked of the API server as kubelet asks for it. The root file system is read-only, nothing but the mounts is to
    be seen, and no privilege can be won back. It shares the machine's network: the plane is on its loopback.

    Source: https://kubernetes.io/docs/concepts/storage/projected-volumes/

    Args:
        api: The cluster.
        pod: The live pod.
        image: The container's image.
        claims: The folder behind each PersistentVolumeClaim.
        folder: Where the other volumes are made; it exists.
    """

    def __init__(self, api: Api, pod: Object, image: Image, claims: Mapping[str, Path], folder: Path) -> None:
        self._api, self._pod, self._image, self._folder = api, pod, image, folder
        (self._container,) = pod["spec"]["containers"]
        self._user = {**pod["spec"]["securityContext"], **self._container["securityContext"]}
        sources = {each["name"]: self._volume(each, claims) for each in pod["spec"]["volumes"]}
        self._mounts = [(place, target, "read") for target, place in image.shared.items()]
        for mount in self._container["volumeMounts"]:
            source = sources[mount["name"]] / mount.get("subPath", "")
            source.mkdir(parents=True, exist_ok=True)  # as kubelet does: of root, whoever the container runs as
            self._mounts.append((source, mount["mountPath"], "read" if mount.get("readOnly") else "write"))

    @property
    def account(self) -> Path:
        """The folder of the service account's token, where kubelet keeps it."""
        (found,) = self._folder.glob("kube-api-access-*")
        return found

    def run(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the container to its end.

        Args:
            changes: Variables that have another value than the pod states.
        """
        root = self._image.root
        hosts = root / "etc" / "hosts"  # kubelet writes this file; the name stands in it because there is no DNS here
        hosts.write_text("127.0.0.1 localhost kubernetes.default.svc\n", encoding="utf-8")
        for _, target, _ in self._mounts:
            if not (root / target[1:]).exists():
                (root / target[1:]).mkdir(parents=True)
        identity = f"{self._user['runAsUser']}:{self._user['runAsGroup']}"
        return subprocess.run(
            [
                *(_tool("unshare"), "--mount", "--propagation", "private"),
                *(_tool("sh"), "-euc", _ENTER, "enter", root),
                *(str(part) for mount in self._mounts for part in mount),
                *("--", _tool("setpriv"), "--no-new-privs"),
                *(_tool("chroot"), f"--userspec={identity}", "--groups=", root),
                *self._container["command"],
            ],
            env={"PATH": self._image.path, **dict(self._variables()), **changes},
            cwd="/",
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=_RUN_SECONDS,
            check=False,
        )

    def _variables(self) -> Iterator[tuple[str, str]]:
        for each in self._container["env"]:
            yield each["name"], each["value"] if "value" in each else self._field(each["valueFrom"]["fieldRef"])

    def _field(self, reference: Object) -> str:
        value: Any = self._pod
        for key in reference["fieldPath"].split("."):
            value = value[key]
        return str(value)

    def _volume(self, volume: Object, claims: Mapping[str, Path]) -> Path:
        if "persistentVolumeClaim" in volume:
            return claims[str(volume["persistentVolumeClaim"]["claimName"])]
        place = self._folder / str(volume["name"])
        data = place / "..2026_01_01"  # kubelet swaps ..data when the content changes; the names below are links
        data.mkdir(parents=True)
        (place / "..data").symlink_to(data.name)
        if "configMap" in volume:
            self._config_map(volume["configMap"]["name"], data, volume["configMap"]["defaultMode"])
        for source in volume.get("projected", {}).get("sources", ()):
            mode = volume["projected"]["defaultMode"]
            if "configMap" in source:
                self._config_map(source["configMap"]["name"], data, mode)
            elif "downwardAPI" in source:
                for item in source["downwardAPI"]["items"]:
                    _write(data / item["path"], self._field(item["fieldRef"]), mode)
            else:
                asked = source["serviceAccountToken"]
                _write(data / asked["path"], self._token(asked), 0o600)
                # All containers run as one user, so kubelet gives the token to that user alone.
                shutil.chown(data / asked["path"], self._user["runAsUser"], self._user["runAsGroup"])
        for file in data.iterdir():
            (place / file.name).symlink_to(f"..data/{file.name}")
        return place

    def _config_map(self, name: str, data: Path, mode: int) -> None:
        found = self._api.read("v1", "ConfigMap", name, self._pod["metadata"]["namespace"])
        assert found is not None, name
        for key, text in found["data"].items():
            _write(data / key, text, mode)

    def _token(self, asked: Object) -> str:
        of_pod = {key: self._pod["metadata"][key] for key in ("name", "uid")}
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {
                "expirationSeconds": asked["expirationSeconds"],
                "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", **of_pod},
            },
        }
        account = {"name": self._pod["spec"]["serviceAccountName"], "namespace": self._pod["metadata"]["namespace"]}
        answer = self._api.post({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}, "token", request)
        return str(answer["status"]["token"])


def _write(path: Path, text: str, mode: int) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _tool(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is needed"
    return found
