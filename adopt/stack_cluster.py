"""The live cluster of a stack, as the person who asks reaches it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from adopt.connection import ClusterError, Connection
from config import StackSettings
from config.cluster import KubeconfigAck, KubeconfigFile

USUAL = Path("~/.kube/config")
"""The kubeconfig where neither a person nor the stack names one."""
_CLUSTER_ID = re.compile(r"(?<![0-9a-z])c[0-9a-z]{32}(?![0-9a-z])")
_CHOOSE = "--kubeconfig and --context choose the cluster"


def connect(settings: StackSettings, kubeconfig: Path | None = None, context: str | None = None) -> Connection:
    """A connection to the cluster of a stack.

    Args:
        settings: the stack's settings.
        kubeconfig: the file; left out: the stack's own, or `~/.kube/config`.
        context: the context's name; left out: the file's current one.

    Raises:
        ClusterError: the kubeconfig cannot be used, or names another ACK cluster than the stack's: those of the console
            have the cluster's id in the context's name.
    """
    stated = settings.cluster.kubeconfig
    own = Path(stated.path) if isinstance(stated, KubeconfigFile) else USUAL
    connection = Connection(kubeconfig or own, context)
    named = {found for name in connection.names for found in _CLUSTER_ID.findall(name)}
    if named and settings.cluster.id not in named:
        raise ClusterError(
            f"The context {connection.names[0]} leads to the cluster {', '.join(sorted(named))}, and the stack"
            f" {settings.stack} is in {settings.cluster.id}",
            mend=_CHOOSE,
        )
    return connection


def other_address(settings: StackSettings, connection: Connection) -> str:
    """What to say where a connection goes to another address than the one that the stack states; else empty.

    It may be the same cluster: its API server has an internal and a public address.
    """
    stated = settings.cluster.kubeconfig
    if not isinstance(stated, KubeconfigAck) or _place(stated.server) == _place(connection.server):
        return ""
    return (
        f"the stack {settings.stack} has its API server at {stated.server}, and this is {connection.server}; {_CHOOSE}"
    )


def _place(address: str) -> tuple[str | None, int]:
    parts = urlsplit(address)
    return parts.hostname, parts.port or 443
