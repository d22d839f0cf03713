"""What services share: cluster, add-ons, NAS, limits, policies, log retention."""

from config.checks.log_retention import shortest_interval_seconds
from tests.config.changes import REMOVED, load_changed
from tests.config.refusal import Refusal, refusals

V_SWITCHES = [
    {"id": "vsw-example000000000000h", "zone": "cn-hangzhou-h", "cidr": "10.1.0.0/20"},
    {"id": "vsw-example000000000000k", "zone": "cn-hangzhou-k", "cidr": "10.2.0.0/20"},
]
NAS = "nas.fileSystem"


@refusals(
    Refusal(
        "a zone of another region",
        {"cluster.vSwitches": [*V_SWITCHES, {"id": "vsw-x", "zone": "cn-beijing-h", "cidr": "10.9.0.0/20"}]},
        "cluster.vSwitches[2].zone",
        "cn-beijing-h",
        "must be a zone of cluster.region, cn-hangzhou",
        "cn-hangzhou-h",
    ),
    Refusal(
        "a vSwitch twice",
        {"cluster.vSwitches": [*V_SWITCHES, V_SWITCHES[0]]},
        "cluster.vSwitches[2].id",
        "vsw-example000000000000h",
        mend="remove one",
    ),
    Refusal(
        "vSwitches whose networks overlap",
        {"cluster.vSwitches": [*V_SWITCHES, {"id": "vsw-x", "zone": "cn-hangzhou-j", "cidr": "10.2.8.0/21"}]},
        "cluster.vSwitches[2].cidr",
        "10.2.8.0/21",
        "must not overlap vsw-example000000000000k, 10.2.0.0/20",
        "the console shows",
    ),
    Refusal(
        "a chart from a repository without its version",
        {"addons.extendNetworkController.chart.version": REMOVED},
        "addons.extendNetworkController.chart.version",
        rule="must be set",
        mend="for example 0.12.8",
    ),
    Refusal(
        "a version for a chart in a directory",
        {"addons.extendNetworkController.chart": {"source": "path", "location": "./chart", "version": "0.13.0"}},
        "addons.extendNetworkController.chart.version",
        "0.13.0",
        mend="remove it",
    ),
    Refusal(
        "an OCI chart with the address of a repository",
        {"addons.extendNetworkController.chart.source": "oci"},
        "addons.extendNetworkController.chart.location",
        "https://aliacs-app-catalog.oss-cn-hangzhou.aliyuncs.com/charts-incubator/",
        mend="oci://",
    ),
    Refusal(
        "a chart that the cluster is too old for",
        {"cluster.version": "1.30"},
        "addons.extendNetworkController.chart.version",
        "0.13.0",
        "must be below 0.13.0 before Kubernetes 1.31",
        "0.12.8",
    ),
    Refusal(
        "a pod EIP without the controller",
        {"addons.extendNetworkController": None},
        "oauth2.eip",
        rule="the controller that allocates EIPs",
        mend="addons.extendNetworkController: {ownership: given}",
    ),
    Refusal(
        "an EIP that is kept for a pod's name",
        {"services.oauth2.eip": {"releaseStrategy": "10m"}},
        "services.oauth2.eip.releaseStrategy",
        "10m",
        "which never comes",
        "Follow",
    ),
    Refusal(
        "an EIP behind policies that let nothing out",
        {"services.oauth2.egress": REMOVED},
        "oauth2.eip",
        rule="no egress rule leads to a public address",
        mend="cidr: 0.0.0.0/0",
        stack="uat",
    ),
    Refusal(
        "networks of Nacos servers that the stack does not have",
        {"nacos": None},
        "environment.networkPolicies.nacos",
        "10.3.0.0/24",
        mend="or set nacos.address",
        stack="uat",
    ),
    Refusal(
        "NetworkPolicies without the networks of Nacos",
        {"environment.networkPolicies.nacos": []},
        "environment.networkPolicies.nacos",
        rule="must name the networks of the Nacos servers (nacos.example.internal:8848)",
        mend="10.3.0.0/24",
        stack="uat",
    ),
)
def test_a_cluster_and_its_add_ons(refusal: Refusal) -> None:
    refusal.check()


FLANNEL = {
    "cluster.network": "flannel",
    "addons.extendNetworkController": None,
    "services.oauth2.eip": None,
}


def test_flannel_without_what_needs_terway_is_accepted() -> None:
    assert load_changed(FLANNEL).cluster.network == "flannel"


@refusals(
    Refusal(
        "a pod EIP on Flannel",
        {**FLANNEL, "services.oauth2.eip": {}},
        "services.oauth2.eip",
        rule="must be left out on Flannel",
        mend="a NAT gateway",
    ),
    Refusal(
        "the EIP controller on Flannel",
        {**FLANNEL, "addons.extendNetworkController": {"ownership": "given"}},
        "addons.extendNetworkController",
        "given",
        mend="remove it",
    ),
    Refusal(
        "sticky sessions on Flannel",
        {**FLANNEL, "services.gateway.ingress.stickySession": {}},
        "services.gateway.ingress.stickySession",
        "Insert",
        mend="remove it",
    ),
    Refusal(
        "a stated readiness gate on Flannel",
        {**FLANNEL, "services.gateway.ingress.readinessGate": True},
        "services.gateway.ingress.readinessGate",
        value=True,
        mend="readinessGate: false",
    ),
    Refusal(
        "NetworkPolicies on Flannel, which are decoration",
        {**FLANNEL, "environment.networkPolicies": {"nacos": ["10.3.0.0/24"]}},
        "environment.networkPolicies",
        rule="they would be decoration",
        mend="networkPolicies: null",
    ),
)
def test_flannel_refuses_what_needs_terway(refusal: Refusal) -> None:
    refusal.check()


@refusals(
    Refusal(
        "an owned volume without a file system",
        {"nas.fileSystem": None},
        "nas.fileSystem",
        rule="must be set where the volume is owned",
        mend="ownership: given",
    ),
    Refusal(
        "a file system beside a given claim",
        {
            "nas.fileSystem": {
                "ownership": "given",
                "id": "example0nas",
                "mountTarget": "example0nas-a.x.aliyuncs.com",
            },
            "nas.volume": {"ownership": "given", "claim": "nas"},
        },
        "nas.fileSystem",
        "example0nas",
        mend="remove it",
    ),
    Refusal(
        "a mount target in a vSwitch that is not the cluster's",
        {f"{NAS}.vSwitch": "vsw-other"},
        f"{NAS}.vSwitch",
        "vsw-other",
        mend="vsw-example000000000000",
    ),
    Refusal(
        "a file system that is open to everybody",
        {f"{NAS}.accessRules": [{"source": "0.0.0.0/0"}]},
        f"{NAS}.accessRules[0].source",
        "0.0.0.0/0",
        "must not be every address",
        "10.1.0.0/20",
    ),
    Refusal(
        "an access rule twice",
        {f"{NAS}.accessRules": [{"source": "10.1.0.0/20"}, {"source": "10.1.0.0/20", "access": "RDONLY"}]},
        f"{NAS}.accessRules[1].source",
        "10.1.0.0/20",
        mend="remove one",
    ),
    Refusal(
        "access rules that overlap at one priority",
        {f"{NAS}.accessRules": [{"source": "10.1.0.0/20"}, {"source": "10.1.8.0/21"}]},
        f"{NAS}.accessRules[1].source",
        "10.1.8.0/21",
        "is not defined",
        "priority: 2",
    ),
    Refusal(
        "a mount target of another region",
        {f"{NAS}.mountTarget": "example0nas-uat01.cn-beijing.nas.aliyuncs.com"},
        f"{NAS}.mountTarget",
        "example0nas-uat01.cn-beijing.nas.aliyuncs.com",
        mend="cn-hangzhou.nas.aliyuncs.com",
        stack="uat",
    ),
    Refusal(
        "a mount target of another file system",
        {f"{NAS}.id": "other0nas"},
        f"{NAS}.mountTarget",
        "example0nas-uat01.cn-hangzhou.nas.aliyuncs.com",
        mend="other0nas-",
        stack="uat",
    ),
    Refusal(
        "the NFS version among the mount options",
        {"nas.volume.mountOptions": ["nolock,noresvport,vers=4"]},
        "nas.volume.mountOptions[0]",
        "nolock,noresvport,vers=4",
        mend='version: "3"',
    ),
    Refusal(
        "mount options that do not reconnect",
        {"nas.volume.mountOptions": ["nolock,tcp"]},
        "nas.volume.mountOptions",
        "nolock,tcp",
        mend="noresvport",
    ),
    Refusal(
        "a mode of a file system's own root, which the driver refuses at mount",
        {"nas.volume.path": "/"},
        "nas.volume.rootMode",
        "0777",
        mend="path: /test, or rootMode: null",
    ),
)
def test_a_nas_out_of_reach_or_open_to_everybody(refusal: Refusal) -> None:
    refusal.check()


@refusals(
    Refusal(
        "a container above the largest limit",
        {"services.exam.resources": {"limits": {"memory": "9Gi"}}},
        "services.exam.resources.limits.memory",
        "9Gi",
        "environment.limitRange.max.memory, which is 8Gi",
        "memory: 8Gi at most",
        beside=(
            "services.exam.resources.requests.memory",
            'environment.quota.hard["requests.memory"]',
            'environment.quota.hard["limits.memory"]',
        ),
    ),
    Refusal(
        "a request that the default limit is below",
        {"environment.limitRange.default.cpu": "200m"},
        "services.admin.resources.requests.cpu",
        "250m",
        "the limit that the LimitRange fills in, 200m",
        "limits.cpu: 250m at least",
        beside=tuple(
            f"services.{name}.resources.requests.cpu"
            for name in ("exam", "file", "gateway", "oauth2", "resource", "study")
        ),
    ),
    Refusal(
        "a minimum above what the sidecar asks for",
        {"environment.limitRange.min": {"memory": "48Mi"}},
        "environment.limitRange.min.memory",
        "32Mi",
        "must not be below environment.limitRange.min.memory, which is 48Mi",
        "a smaller min",
    ),
    Refusal(
        "bounds in the wrong order",
        {"environment.limitRange.default.memory": "10Gi"},
        "environment.limitRange.default.memory",
        "10Gi",
        "must not be above max.memory, which is 8Gi",
        "8Gi at most",
    ),
)
def test_a_limit_range_that_refuses_the_stacks_containers(refusal: Refusal) -> None:
    refusal.check()


@refusals(
    Refusal(
        "a run that is still going when the next is due",
        {"logRetention.schedule": "*/20 * * * *"},
        "logRetention.deadlineSeconds",
        1800,
        "the schedule's shortest interval, 1200 s",
        "deadlineSeconds: 1140 at most",
    ),
    Refusal(
        "log retention where nothing is mounted",
        {"serviceDefaults.nas": None},
        "logRetention",
        rule="there is nothing to remove",
        mend="remove it",
    ),
)
def test_a_log_retention_that_cannot_work(refusal: Refusal) -> None:
    refusal.check()


def test_the_shortest_interval_of_a_schedule_is_found_across_midnight() -> None:
    assert shortest_interval_seconds("30 3 * * *") == 86400
    assert shortest_interval_seconds("0 */6 * * *") == 21600
    assert shortest_interval_seconds("0,50 * * * *") == 600
    assert shortest_interval_seconds("0 0,23 * * *") == 3600
    assert shortest_interval_seconds("10-12 5 * * 1") == 60
