"""The processes of a control plane: what each is started with.

Sources: https://kubernetes.io/docs/reference/command-line-tools-reference/, https://etcd.io/docs/v3.6/op-guide/configuration/,
https://kwok.sigs.k8s.io/docs/generated/kwok/.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RESOURCES = Path(__file__).parent / "resources"
"""The stages of imitated nodes and pods, and the objects that every plane begins with."""

CONTAINER_LOG = "container.log"
"""The file in a plane's folder that is the log of every imitated container."""

_USERS = {
    "admin": "system:masters",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
}


@dataclass(frozen=True)
class Plane:
    """Where a control plane keeps its things.

    Attributes:
        directory: Its folder; nothing is written anywhere else.
        programs: The folder with the programs.
        etcd_port: Loopback port for the API server's connection to etcd.
        peer_port: Loopback port that etcd wants for other members, which there are none of.
        api_port: Port of the API server.
        kubelet_port: Loopback port where kwok answers as the kubelet of every node; a real node has its own.
        address: Where the API server listens: on loopback, or at an address that a real node's pods reach.
        services: The addresses that Services get.
        node: Name of the one real node; None where kwok plays all nodes.
    """

    directory: Path
    programs: Path
    etcd_port: int
    peer_port: int
    api_port: int
    kubelet_port: int = 0
    address: str = "127.0.0.1"
    services: str = "10.96.0.0/16"
    node: str | None = None

    @property
    def server(self) -> str:
        """Address of the API server."""
        return f"https://{self.address}:{self.api_port}"

    @property
    def users(self) -> dict[str, str]:
        """The group of each user, empty for none."""
        if self.node is None:
            return {**_USERS, "kwok": "system:masters"}  # it does what kubelets do, for every node
        return {**_USERS, f"system:node:{self.node}": "system:nodes", "system:kube-proxy": "", "dns": ""}

    @property
    def certificate(self) -> Path:
        """The API server's certificate, which it makes for itself."""
        return self.directory / "certificates" / "apiserver.crt"

    @property
    def key(self) -> Path:
        """The key of that certificate. It signs service account tokens too: the plane is thrown away as a whole."""
        return self.certificate.with_suffix(".key")

    @property
    def tokens(self) -> Path:
        """The API server's list of users."""
        return self.directory / "tokens.csv"

    @property
    def container_log(self) -> Path:
        """What the containers of all imitated pods have written, in the form of a container runtime."""
        return self.directory / CONTAINER_LOG

    def kubeconfig(self, user: str) -> Path:
        """The kubeconfig of one of the plane's users."""
        return self.directory / f"{user.removeprefix('system:').replace(':', '-')}.kubeconfig"

    def write_users(self) -> None:
        """Write the list of users with fresh tokens, and a kubeconfig for each, readable by the owner only."""
        lines = []
        for user, group in self.users.items():
            token = secrets.token_urlsafe(24)
            lines.append(f'{token},{user},{user},"{group}"\n' if group else f"{token},{user},{user}\n")
            self._write(self.kubeconfig(user), json.dumps(self._connection(user, token), indent=2) + "\n")
        self._write(self.tokens, "".join(lines))

    def write_logs(self) -> None:
        """Write what kwok answers where the log of a container is asked for."""
        self._write(self.container_log, "")
        logs = {"containers": [], "logsFile": str(self.container_log), "follow": True}
        form = {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "ClusterLogs", "metadata": {"name": "all"}}
        self._write(self._kwok_logs, json.dumps({**form, "spec": {"logs": [logs]}}))

    def first(self) -> dict[str, list[str | Path]]:
        """The commands of etcd and the API server, by name."""
        return {"etcd": list(self._etcd()), "kube-apiserver": list(self._api_server())}

    def second(self) -> dict[str, list[str | Path]]:
        """The commands of what talks to the API server, by name; they are started once it is ready."""
        commands = {
            "kube-controller-manager": list(self._controller_manager()),
            "kube-scheduler": list(self._scheduler()),
        }
        return commands if self.node is not None else {**commands, "kwok": list(self._kwok())}

    def _etcd(self) -> Iterator[str | Path]:
        client, peer = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{self.peer_port}"
        yield self.programs / "server"
        yield f"--data-dir={self.directory / 'etcd'}"
        yield f"--listen-client-urls={client}"
        yield f"--advertise-client-urls={client}"
        yield f"--listen-peer-urls={peer}"
        yield f"--initial-advertise-peer-urls={peer}"
        yield f"--initial-cluster=default={peer}"
        yield "--unsafe-no-fsync"  # the data is thrown away with the plane
        yield "--log-level=error"

    def _api_server(self) -> Iterator[str | Path]:
        yield self.programs / "kube-apiserver"
        yield f"--etcd-servers=http://127.0.0.1:{self.etcd_port}"
        yield f"--cert-dir={self.certificate.parent}"
        yield f"--bind-address={self.address}"
        yield f"--secure-port={self.api_port}"
        yield f"--service-cluster-ip-range={self.services}"
        yield f"--service-account-key-file={self.key}"
        yield f"--service-account-signing-key-file={self.key}"
        yield "--service-account-issuer=https://kubernetes.default.svc"
        yield f"--token-auth-file={self.tokens}"
        yield "--anonymous-auth=false"
        yield "--allow-privileged=true"
        admission = "PodSecurity,ResourceQuota,LimitRanger,ServiceAccount"
        if self.node is None:
            yield "--authorization-mode=RBAC"
            yield "--kubelet-preferred-address-types=InternalIP"  # a node's name is no name on this machine
            yield f"--enable-admission-plugins={admission}"
            yield "--endpoint-reconciler-type=none"
        else:
            yield "--authorization-mode=Node,RBAC"
            yield f"--enable-admission-plugins={admission},NodeRestriction"
            yield "--endpoint-reconciler-type=lease"
            yield f"--advertise-address={self.address}"
            yield "--kubelet-preferred-address-types=InternalIP"  # by default the node's name, which nobody resolves

    def _controller_manager(self) -> Iterator[str | Path]:
        yield self.programs / "kube-controller-manager"
        yield f"--kubeconfig={self.kubeconfig('system:kube-controller-manager')}"
        yield f"--service-account-private-key-file={self.key}"
        yield f"--root-ca-file={self.certificate}"
        yield "--use-service-account-credentials=true"
        yield "--controllers=*,-nodeipam,-cloud-node-lifecycle"
        yield "--leader-elect=false"
        yield "--secure-port=0"
        yield "--horizontal-pod-autoscaler-sync-period=2s"  # 15 s by default
        yield "--kube-api-qps=200"
        yield "--kube-api-burst=400"

    def _scheduler(self) -> Iterator[str | Path]:
        yield self.programs / "kube-scheduler"
        yield f"--kubeconfig={self.kubeconfig('system:kube-scheduler')}"
        yield "--leader-elect=false"
        yield "--secure-port=0"

    def _kwok(self) -> Iterator[str | Path]:
        yield self.programs / "kwok"
        yield f"--kubeconfig={self.kubeconfig('kwok')}"
        yield f"--config={RESOURCES / 'stages.yaml'}"
        yield f"--config={self._kwok_logs}"
        yield f"--server-address=127.0.0.1:{self.kubelet_port}"
        yield "--node-ip=127.0.0.1"
        yield f"--node-port={self.kubelet_port}"
        yield f"--tls-cert-file={self.certificate}"
        yield f"--tls-private-key-file={self.key}"
        yield "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake"
        yield "--cidr=10.244.0.0/16"  # one address a pod; the default has 254

    @property
    def _kwok_logs(self) -> Path:
        return self.directory / "logs.yaml"

    def _connection(self, user: str, token: str) -> dict[str, object]:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "plane", "cluster": {"server": self.server, "certificate-authority": str(self.certificate)}}
            ],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "plane", "context": {"cluster": "plane", "user": user}}],
            "current-context": "plane",
        }

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
