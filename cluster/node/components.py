"""The processes of a node: what each is started with, and the files that it reads.

All of them run in namespaces of their own (see `inside`), so ports and paths are the usual ones, and nothing collides.

Sources: https://github.com/containerd/containerd/blob/v2.2.5/docs/cri/config.md,
https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/,
https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/, https://www.cni.dev/plugins/current/main/ptp/,
https://coredns.io/plugins/kubernetes/.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cluster.components import Plane
from cluster.node.command import run
from cluster.node.network import Network
from cluster.node.programs import NodePrograms

KUBELET = Path("/var/lib/kubelet")
"""kubelet's folder, inside."""

SANDBOX_IMAGE: Final = "localhost/pause:1"
"""What holds a pod's namespaces."""

API_PORT: Final = 6443
REGISTRY_PORT: Final = 5000

_SOCKET = "/run/containerd/containerd.sock"
_CNI_PLUGINS = "/usr/lib/cni"


@dataclass(frozen=True)
class Components:
    """The parts of one node.

    Attributes:
        directory: Its folder on this machine.
        programs: Where the programs are.
        network: Its addresses.
        cgroup: The control group, below the root of each hierarchy, that holds all of its pods'.
        username: Who may pull from its registry and push to it.
        password: And with which password.
    """

    directory: Path
    programs: NodePrograms
    network: Network
    cgroup: str
    username: str
    password: str

    @property
    def name(self) -> str:
        """The node's name: region and address, as ACK names its nodes."""
        return f"cn-hangzhou.{self.network.node}"

    @property
    def plane(self) -> Plane:
        """The control plane that the node joins; it runs beside it, at the node's address."""
        return Plane(
            directory=self.directory / "plane",
            programs=self.programs.plane,
            etcd_port=2379,
            peer_port=2380,
            api_port=API_PORT,
            address=self.network.node,
            services=self.network.services,
            node=self.name,
        )

    @property
    def registry(self) -> str:
        """The registry's address."""
        return f"{self.network.node}:{REGISTRY_PORT}"

    @property
    def files(self) -> Path:
        """The folder with the configuration files."""
        return self.directory / "files"

    def write_files(self) -> None:
        """Write what the processes read."""
        for folder in ("cni", "hosts/_default"):
            (self.files / folder).mkdir(parents=True)
        texts = {
            "containerd.toml": _CONTAINERD.format(files=self.files, pause=SANDBOX_IMAGE, plugins=_CNI_PLUGINS),
            # Every registry's images come from ours, so they keep the names that the product gives them.
            "hosts/_default/hosts.toml": _HOSTS.format(registry=self.registry),
            "cni/10-node.conflist": json.dumps(self._cni()),
            "kubelet.json": json.dumps(self._kubelet()),
            "kube-proxy.json": json.dumps(self._kube_proxy()),
            "resolv.conf": f"nameserver {self.network.node}\n",
            "Corefile": _COREFILE.format(
                address=self.network.node, kubeconfig=self.plane.kubeconfig("dns"), services=self.network.services
            ),
            "login": f"{self.username}:{self.password}",
        }
        for name, text in texts.items():
            (self.files / name).touch(mode=0o600)
            (self.files / name).write_text(text, encoding="utf-8")

    def runtime(self) -> dict[str, list[str | Path]]:
        """What needs no API server."""
        return {
            "containerd": [self.programs.containerd / "containerd", "--config", self.files / "containerd.toml"],
            "registry": [
                self.programs.registry / "registry",
                self.registry,
                self.directory / "registry",
                self.files / "login",
            ],
        }

    def agents(self) -> dict[str, list[str | Path]]:
        """What talks to the API server; kubelet to containerd as well."""
        return {
            "kubelet": [
                self.programs.node / "kubelet",
                f"--config={self.files / 'kubelet.json'}",
                f"--kubeconfig={self.plane.kubeconfig(f'system:node:{self.name}')}",
                f"--root-dir={KUBELET}",
                f"--cert-dir={self.directory / 'kubelet-certificates'}",
                f"--hostname-override={self.name}",
                f"--node-ip={self.network.node}",
                "--node-labels=topology.kubernetes.io/region=cn-hangzhou,topology.kubernetes.io/zone=cn-hangzhou-h",
            ],
            "kube-proxy": [self.programs.node / "kube-proxy", f"--config={self.files / 'kube-proxy.json'}"],
            "dns": [self.programs.dns / "dns", "-conf", self.files / "Corefile"],
            "nas": [self.programs.nas / "nas", KUBELET, self.directory / "nas", self.name],
        }

    def load(self, archive: Path) -> str:
        """Put an image into containerd as it is, past any registry; return what containerd says.

        Raises:
            CommandError: containerd is not there yet, or refused it.
        """
        client = self.programs.containerd / "ctr"
        return run(client, "--address", _SOCKET, "--namespace", "k8s.io", "images", "import", archive)

    def _cni(self) -> dict[str, object]:
        addresses = {
            "type": "host-local",
            "dataDir": "/run/cni",
            "ranges": [[{"subnet": self.network.pods}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        }
        # No masquerading: this machine has a route back, and whoever is called sees the pod's own, as on Terway.
        return {"cniVersion": "1.0.0", "name": "node", "plugins": [{"type": "ptp", "ipMasq": False, "ipam": addresses}]}

    def _kubelet(self) -> dict[str, object]:
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "containerRuntimeEndpoint": f"unix://{_SOCKET}",
            "failCgroupV1": False,
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self.cgroup}",
            "enforceNodeAllocatable": [],
            "failSwapOn": False,
            "clusterDNS": [self.network.node],
            "clusterDomain": "cluster.local",
            "resolvConf": str(self.files / "resolv.conf"),
            "address": self.network.node,
            "readOnlyPort": 0,
            # Only the API server and the node's own pods reach it; the API server here has no client certificate.
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "makeIPTablesUtilChains": False,
            "volumePluginDir": str(KUBELET / "volume-plugins"),
            "nodeStatusUpdateFrequency": "5s",
        }

    def _kube_proxy(self) -> dict[str, object]:
        return {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(self.plane.kubeconfig("system:kube-proxy"))},
            "mode": "nftables",
            "clusterCIDR": self.network.pods,
            "detectLocalMode": "ClusterCIDR",
            "hostnameOverride": self.name,
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
            "nodePortAddresses": ["primary"],
            "conntrack": {"maxPerCore": 0, "min": 0},  # the machine's own table is left as it is
        }


# restrict_oom_score_adj: where this process may not lower it, no container could start.
# disable_apparmor: a profile would be loaded into the kernel, and stay.
_CONTAINERD = """\
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins.'io.containerd.internal.v1.opt']
  path = "/var/lib/containerd/opt"
[plugins.'io.containerd.nri.v1.nri']
  disable = true
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = "{files}/hosts"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "{pause}"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["{plugins}"]
    conf_dir = "{files}/cni"
"""

_HOSTS = """\
[host."http://{registry}"]
  capabilities = ["pull", "resolve"]
"""

_COREFILE = """\
.:53 {{
    bind {address}
    ready 127.0.0.1:8181
    errors
    kubernetes cluster.local {services} {{
        kubeconfig {kubeconfig}
    }}
}}
"""
