"""The two providers of a stack, made once and handed to every component; the default ones are switched off."""

from pathlib import Path
from typing import TypeAlias

import pulumi
import pulumi_alicloud as alicloud
import pulumi_kubernetes as k8s

from components.manifests.kubeconfig import ack_kubeconfig
from config import StackSettings
from config.cluster import KubeconfigAck, KubeconfigFile
from config.engine import Secrets
from config.stack import PROJECT

Providers: TypeAlias = dict[str, pulumi.ProviderResource]
"""``alicloud``: Alibaba Cloud in the cluster's region, with the credentials of the machine that runs ``pulumi``;
``kubernetes``: the cluster's API server. What ``ResourceOptions(providers=…)`` takes."""


def make_providers(settings: StackSettings, secrets: Secrets) -> Providers:
    """Make the stack's two providers; a kubeconfig file that is not there is warned about."""
    return {
        "alicloud": alicloud.Provider("alicloud", region=settings.cluster.region),
        "kubernetes": k8s.Provider(
            "kubernetes",
            kubeconfig=_kubeconfig(settings, secrets),
            # Only another cluster replaces the provider and with it all objects; another kubeconfig does not.
            cluster_identifier=settings.cluster.id,
            # A new registry password is a change of the Secret; replacing it would leave pods without one meanwhile.
            enable_secret_mutable=True,
            # Protected: with the provider every object of the stack would be made anew, on the other cluster.
            opts=pulumi.ResourceOptions(protect=settings.protects("kubernetes")),
        ),
    }


def _kubeconfig(settings: StackSettings, secrets: Secrets) -> pulumi.Input[str] | None:
    source = settings.cluster.kubeconfig
    if isinstance(source, KubeconfigAck):
        return ack_kubeconfig(settings.cluster, source)
    if not isinstance(source, KubeconfigFile):
        return secrets.kubeconfig
    # The provider reads the file itself: its content, credentials included, never enters the state.
    path = Path(source.path).expanduser().absolute()
    if not path.is_file():
        # Not an error here, for a sandbox needs no cluster; without this line the provider's own error names no file.
        pulumi.log.warn(
            f"{PROJECT}:cluster.kubeconfig.path: there is no file {path} on this machine; "
            "write it with `ack-ram-tool credential-plugin get-kubeconfig`, or choose another source"
        )
    return str(path)
