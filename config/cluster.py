"""The ACK cluster that a stack runs on: always given, never created here."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import (
    Base64,
    Cidr,
    ClusterId,
    HttpsUrl,
    KubernetesVersion,
    PlainText,
    RegionId,
    VpcId,
    VSwitchId,
    ZoneId,
)


class VSwitch(Model):
    """A vSwitch of the cluster's VPC that holds nodes, pods or the ALB."""

    id: VSwitchId
    """The vSwitch's id."""
    zone: ZoneId
    """Its zone; the ALB needs vSwitches in at least two."""
    cidr: Cidr
    """Its network: NAS access rules and NetworkPolicies are derived from it."""


class KubeconfigFile(Model):
    """A kubeconfig on the machine that runs ``pulumi``."""

    source: Literal["file"]
    path: PlainText
    """The file's path; ``~`` is expanded. Its content never enters the stack file."""


class KubeconfigSecret(Model):
    """A kubeconfig in the stack file, encrypted: ``pulumi config set --secret kubeconfig``."""

    source: Literal["secret"]


class KubeconfigAck(Model):
    """A constant kubeconfig whose exec plug-in ``ack-ram-tool`` fetches a short-lived credential for each run.

    Nothing in it changes between runs, so a preview shows no update of the provider.
    Source: https://github.com/AliyunContainerService/ack-ram-tool
    """

    source: Literal["ack"]
    server: HttpsUrl
    """The API server's address, as ``ack-ram-tool credential-plugin get-kubeconfig`` prints it."""
    certificate_authority_data: Base64
    """The cluster's CA certificate in base64 (public)."""


class RegionQuotas(Model):
    """Quotas that the account has in the cluster's region, where they are not those that an account starts with.

    Quota Center shows them and raises them: https://www.alibabacloud.com/help/en/eip/user-guide/manage-quotas
    """

    eips: Annotated[int, Field(ge=0, le=10_000)] = 20
    """EIPs that may exist, ``eip_quota_instances_num`` in Quota Center. State less to leave some to NAT gateways and
    whatever else has one: only those of pods are counted against it."""


class Cluster(Model):
    """The ACK managed cluster, its network, and how to reach its API server."""

    id: ClusterId
    """The cluster's id in the ACK console (集群 ID)."""
    region: RegionId
    """The region of the cluster and of everything created for it."""
    version: KubernetesVersion
    """The cluster's Kubernetes version; it gates features (native sidecars from 1.29)."""
    network: Literal["terway", "flannel"]
    """The network plug-in. Flannel has no pod EIP, no ALB readiness gate, and needs NodePort Services."""
    vpc: VpcId
    """The cluster's VPC."""
    v_switches: Annotated[tuple[VSwitch, ...], Field(min_length=1)]
    """The vSwitches of nodes, pods and ALB."""
    kubeconfig: Annotated[KubeconfigFile | KubeconfigSecret | KubeconfigAck, Field(discriminator="source")]
    """Where the kubeconfig comes from."""
    quotas: RegionQuotas = RegionQuotas.model_construct()
    """What the account may have in the region. Stacks of one cluster share it: together, the largest value counts."""

    @property
    def minor(self) -> int:
        """The minor version: 36 of ``1.36.1-aliyun.1``."""
        return int(self.version.split(".")[1])

    @property
    def native_sidecars(self) -> bool:
        """Whether init containers may have ``restartPolicy: Always`` (on by default from 1.29)."""
        return self.minor >= 29  # noqa: PLR2004 -- https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
