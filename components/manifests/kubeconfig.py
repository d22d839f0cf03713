"""The constant kubeconfig of an ACK cluster."""

import json

from config.cluster import Cluster, KubeconfigAck


def ack_kubeconfig(cluster: Cluster, source: KubeconfigAck) -> str:
    """A kubeconfig without a credential: its exec plug-in fetches a short-lived one at each run.

    JSON, which is YAML too; compact and sorted, so the same settings give the same bytes.
    Source: https://github.com/AliyunContainerService/ack-ram-tool (credential-plugin get-credential)
    """
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "ack-ram-tool",
        "args": [
            "credential-plugin",
            "get-credential",
            "--cluster-id",
            cluster.id,
            "--api-version",
            "v1beta1",
            "--log-level",
            "error",
        ],
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
    authority = source.certificate_authority_data
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": cluster.id, "cluster": {"server": source.server, "certificate-authority-data": authority}}
        ],
        "users": [{"name": "ack-ram-tool", "user": {"exec": plugin}}],
        "contexts": [{"name": cluster.id, "context": {"cluster": cluster.id, "user": "ack-ram-tool"}}],
        "current-context": cluster.id,
    }
    return json.dumps(config, sort_keys=True, separators=(",", ":"))
