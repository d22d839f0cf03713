"""The environment's namespace (命名空间)."""

from components.manifests.metadata import Manifest, environment_labels, metadata
from config import StackSettings


def namespace(settings: StackSettings) -> Manifest:
    """The Namespace with its Pod Security labels: what is enforced is also audited and warned about.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    stated = settings.environment.namespace
    version = stated.pod_security_version
    minor = version if version == "latest" else "v" + ".".join(version.split(".")[:2])
    pod_security: dict[str, str] = {}
    for mode in ("enforce", "audit", "warn"):
        pod_security[f"pod-security.kubernetes.io/{mode}"] = stated.pod_security
        pod_security[f"pod-security.kubernetes.io/{mode}-version"] = minor
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata(settings.namespace, {**environment_labels(settings), **pod_security}),
    }
