"""What the platform's components register: the rows, the traps, and the order."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from config import StackSettings
from tests.components.platform import CANARY, EXISTING, record
from tests.recorder import UNKNOWN, Recording, Secret
from tests.settings import settings

STACKS: dict[str, Callable[[], StackSettings]] = {
    "test": lambda: settings("test"),
    "uat": lambda: settings("uat"),
    "existing": lambda: settings("prod", root=EXISTING),
}
BOTH = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


@pytest.fixture(scope="module")
def test_stack() -> Recording:
    return record(settings("test"))


@pytest.fixture(scope="module")
def uat_stack() -> Recording:
    return record(settings("uat"))


@pytest.fixture(scope="module")
def existing_stack() -> Recording:
    return record(settings("prod", root=EXISTING))


# ---- all components -------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("stack", STACKS)
def test_f3_each_component_registers_its_public_attributes_and_nothing_else(stack: str, *, preview: bool) -> None:
    recording = record(STACKS[stack](), preview=preview)
    expected = {
        "AlbIngressController": {"version"},
        "ExtendNetworkController": {"installed"},
        "ApplicationLoadBalancer": {"alb_id", "dns_name", "ingress_class"},
        "NasFileSystem": {"file_system_id", "mount_target"},
        "Environment": {"namespace", "pull_secret", "nacos_secret"},
        "NasVolume": {"claim"},
        "LogRetention": set(),
    }
    components = [each for each in recording.resources if each.type.startswith("ack-platform:")]
    assert {each.type for each in components} == {f"ack-platform:index:{noun}" for noun in expected}
    for component in components:
        public = expected[component.type.rsplit(":", 1)[-1]]
        # An output of None is left out on the wire.
        assert set(recording.outputs[component.urn]) <= public, component.name
        known = {key for key in public if recording.result.get(key) is not None}
        assert known <= set(recording.outputs[component.urn]), component.name


@BOTH
@pytest.mark.parametrize("stack", STACKS)
def test_every_child_belongs_to_a_component_and_uses_an_explicit_provider(stack: str, *, preview: bool) -> None:
    recording = record(STACKS[stack](), preview=preview)
    components = {each.name for each in recording.resources if each.type.startswith("ack-platform:")}
    for each in recording.resources:
        if each.type.startswith(("ack-platform:", "pulumi:providers:")):
            continue
        assert each.parent in components, each.name
        assert each.name.startswith(f"{each.parent}-"), each.name
        assert each.provider == ("alicloud" if each.type.startswith("alicloud:") else "kubernetes"), each.name
    assert {call.provider.rsplit("::", 2)[-2] for call in recording.calls} <= {"alicloud"}


@BOTH
@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_and_an_update_register_the_same_resources(stack: str, *, preview: bool) -> None:
    del preview
    update, preview_run = record(STACKS[stack]()), record(STACKS[stack](), preview=True)
    assert {each.urn for each in update.resources} == {each.urn for each in preview_run.resources}


@pytest.mark.parametrize("stack", STACKS)
def test_no_secret_is_registered_in_plain(stack: str) -> None:
    recording = record(STACKS[stack]())
    for each in recording.resources:
        shown = repr(without_secrets(each.inputs))
        assert CANARY not in shown, each.name
        assert "cGFzc3dvcmQ" not in shown, each.name
    assert CANARY not in repr(recording.outputs)


def without_secrets(value: Any) -> Any:
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: without_secrets(each) for key, each in value.items()}
    return [without_secrets(each) for each in value] if isinstance(value, list) else value


def test_what_is_owned_is_protected_and_data_is_also_retained(test_stack: Recording) -> None:
    protected = {each.name for each in test_stack.resources if each.protect}
    retained = {each.name for each in test_stack.resources if each.retain_on_delete}
    data = {"nas-file-system", "nas-access-group", "nas-mount-target", "volume-volume", "volume-claim"}
    shared = {"controller-addon", "network-release", "alb-load-balancer", "alb-alb-config", "alb-ingress-class"}
    assert protected == data | shared | {"kubernetes", "env-namespace", "env-quota", "env-pull-secret"}
    assert retained == data


# ---- add-ons --------------------------------------------------------------------------------------------------------


def test_g1_the_controller_is_an_add_on_of_the_cluster_without_a_version_of_ours(test_stack: Recording) -> None:
    assert test_stack["controller-addon"].inputs == {
        "clusterId": "cexample0000000000000000000000001",
        "name": "alb-ingress-controller",
        "config": '{"albIngress":{"CreateDefaultALBConfig":false}}',
    }
    assert test_stack.result["version"] == "v2.20.0"
    pinned = record(settings("test", {"addons.albIngressController.version": "v2.19.0"}))
    assert pinned["controller-addon"].inputs["version"] == "v2.19.0"


def test_g4_the_network_controller_is_an_awaited_helm_release_from_the_stated_chart(test_stack: Recording) -> None:
    inputs = test_stack["network-release"].inputs
    assert inputs["values"]["enableControllers"] == ["eip"]
    assert {key: value for key, value in inputs.items() if key not in ("values", "compat")} == {
        "name": "ack-extend-network-controller",
        "namespace": "kube-system",
        "chart": "ack-extend-network-controller",
        "version": "0.13.0",
        "repositoryOpts": {"repo": "https://aliacs-app-catalog.oss-cn-hangzhou.aliyuncs.com/charts-incubator/"},
        "skipAwait": False,
    }


@pytest.mark.parametrize(
    "chart",
    [
        {
            "source": "oci",
            "location": "oci://registry.example.com/charts/ack-extend-network-controller",
            "version": "0.13.0",
        },
        {"source": "path", "location": "./charts/ack-extend-network-controller"},
    ],
)
def test_g4_a_chart_from_oci_or_a_directory_needs_no_repository(chart: dict[str, str]) -> None:
    inputs = record(settings("test", {"addons.extendNetworkController.chart": chart}))["network-release"].inputs
    assert inputs["chart"] == chart["location"]
    assert inputs.get("version") == chart.get("version")
    assert "repositoryOpts" not in inputs


@BOTH
def test_a_given_network_controller_is_known_by_its_resource_definition(*, preview: bool) -> None:
    recording = record(settings("uat"), preview=preview)
    assert recording["network-definition"].read_id == "podeips.alibabacloud.com"
    assert recording.result["installed"] == "podeips.alibabacloud.com"
    assert "network-release" not in recording.names()


def test_a_network_controller_that_is_left_out_creates_nothing() -> None:
    recording = record(settings("test", {"addons.extendNetworkController": None, "services.oauth2.eip": None}))
    assert not [each for each in recording.resources if each.parent == "network"]
    assert recording.result["installed"] is None


# ---- the ALB --------------------------------------------------------------------------------------------------------


def test_g2_the_owned_alb_sets_every_argument_that_could_make_a_later_run_replace_it(test_stack: Recording) -> None:
    balancer = test_stack["alb-load-balancer"]
    assert balancer.inputs == {
        "loadBalancerName": "test-alb",
        "loadBalancerEdition": "Standard",
        "loadBalancerBillingConfig": {"payType": "PayAsYouGo"},
        "addressType": "Internet",
        "addressAllocatedMode": "Fixed",
        "addressIpVersion": "IPv4",
        "vpcId": "vpc-example0000000000001",
        "zoneMappings": [
            {"vswitchId": "vsw-example000000000000h", "zoneId": "cn-hangzhou-h"},
            {"vswitchId": "vsw-example000000000000k", "zoneId": "cn-hangzhou-k"},
        ],
        "accessLogConfig": {"logProject": "k8s-log-example", "logStore": "alb_test"},
        "deletionProtectionConfig": {"enabled": True},
        "tags": {"env": "test"},
    }
    assert balancer.ignore_changes == ("tags",)


def test_g2_the_alb_config_takes_the_owned_albs_id_and_comes_after_the_add_on(test_stack: Recording) -> None:
    config = test_stack["alb-alb-config"]
    assert config.type == "kubernetes:alibabacloud.com/v1:AlbConfig"
    assert config.inputs["spec"]["config"]["id"] == "alb-load-balancer-id"
    assert "namespace" not in config.inputs["metadata"]
    assert set(config.dependencies) >= {"alb-load-balancer", "controller-addon"}
    assert test_stack["alb-ingress-class"].dependencies == ("alb-alb-config",)
    assert test_stack.result["dns_name"] == "alb-load-balancer.alb.aliyuncs.com"
    assert test_stack.result["ingress_class"] == "test-alb"


def test_in_a_preview_the_id_of_a_new_alb_is_unknown_and_everything_still_shows() -> None:
    recording = record(settings("test"), preview=True)
    assert recording["alb-alb-config"].inputs["spec"]["config"]["id"] is UNKNOWN
    assert recording.result["alb_id"] is UNKNOWN
    assert recording.result["dns_name"] is UNKNOWN
    assert recording.result["ingress_class"] == "test-alb"
    assert set(recording["alb-alb-config"].dependencies) >= {"alb-load-balancer", "controller-addon"}


@BOTH
def test_g2_an_alb_given_by_id_gets_our_alb_config_with_the_checked_id(*, preview: bool) -> None:
    recording = record(settings("uat"), preview=preview)
    assert recording["alb-alb-config"].inputs["spec"]["config"]["id"] == "alb-exampleuat0000001"
    assert recording["alb-alb-config"].protect
    assert not recording.of_type("LoadBalancer")
    assert recording.result["dns_name"] == "alb-exampleuat0000001.cn-hangzhou.alb.aliyuncs.com"


@BOTH
def test_g3_a_given_ingress_class_creates_nothing(*, preview: bool) -> None:
    recording = record(settings("prod", root=EXISTING), preview=preview)
    assert [each.name for each in recording.resources if each.parent == "alb"] == ["alb-ingress-class"]
    assert recording["alb-ingress-class"].read_id == "alb"
    assert recording.result["ingress_class"] == "alb"
    assert recording.result["alb_id"] is None


# ---- NAS ------------------------------------------------------------------------------------------------------------


def test_g8_the_owned_file_system_never_names_a_vpc_or_vswitch(test_stack: Recording) -> None:
    assert test_stack["nas-file-system"].inputs == {
        "fileSystemType": "standard",
        "protocolType": "NFS",
        "storageType": "Capacity",
        "encryptType": 1,
        "description": "DATA_DIR of test",
        "tags": {"env": "test"},
    }
    plain = record(settings("test", {"nas.fileSystem.encryption": "none"}))
    assert plain["nas-file-system"].inputs["encryptType"] == 0


def test_g8_each_network_of_the_cluster_may_mount_before_the_mount_target_exists(test_stack: Recording) -> None:
    rules = {each.name: each.inputs for each in test_stack.of_type("AccessRule")}
    common = {
        "accessGroupName": "test-nas",
        "fileSystemType": "standard",
        "rwAccessType": "RDWR",
        "userAccessType": "no_squash",
        "priority": 1,
    }
    assert rules == {
        "nas-access-rule-10-1-0-0-20": {**common, "sourceCidrIp": "10.1.0.0/20"},
        "nas-access-rule-10-2-0-0-20": {**common, "sourceCidrIp": "10.2.0.0/20"},
    }
    target = test_stack["nas-mount-target"]
    assert target.inputs == {
        "fileSystemId": "nas-file-system-id",
        "accessGroupName": "test-nas",
        "vpcId": "vpc-example0000000000001",
        "vswitchId": "vsw-example000000000000h",
    }
    assert set(target.dependencies) >= set(rules)


def test_g8_stated_access_rules_are_the_only_ones() -> None:
    stated = [{"source": "10.1.0.0/24", "access": "RDONLY", "squash": "root_squash", "priority": 5}]
    rules = record(settings("test", {"nas.fileSystem.accessRules": stated})).of_type("AccessRule")
    assert [each.inputs["sourceCidrIp"] for each in rules] == ["10.1.0.0/24"]
    assert [each.inputs["rwAccessType"] for each in rules] == ["RDONLY"]


def test_g8_the_claim_is_bound_by_name_to_a_volume_on_the_mount_target(test_stack: Recording) -> None:
    volume, claim = test_stack["volume-volume"], test_stack["volume-claim"]
    attributes = volume.inputs["spec"]["csi"]["volumeAttributes"]
    assert attributes["server"] == "nas-mount-target.cn-hangzhou.nas.aliyuncs.com"
    assert "nas-mount-target" in volume.dependencies
    assert claim.inputs["spec"]["volumeName"] == "test-nas"
    assert set(claim.dependencies) == {"env-namespace", "volume-volume"}
    assert test_stack.result["claim"] == "test-nas"


def test_g8_a_given_file_system_is_mounted_and_never_written(uat_stack: Recording) -> None:
    assert not [each for each in uat_stack.resources if each.parent == "nas"]
    attributes = uat_stack["volume-volume"].inputs["spec"]["csi"]["volumeAttributes"]
    assert attributes["server"] == "example0nas-uat01.cn-hangzhou.nas.aliyuncs.com"
    assert uat_stack.result["file_system_id"] == "example0nas"


@BOTH
def test_g8_a_given_claim_is_read_in_the_environments_namespace(*, preview: bool) -> None:
    recording = record(settings("prod", root=EXISTING), preview=preview)
    assert [(each.name, each.read_id) for each in recording.resources if each.parent == "volume"] == [
        ("volume-claim", "prod/prod-nas")
    ]
    assert recording.result["claim"] == "prod-nas"
    assert recording.result["mount_target"] is None


# ---- the environment ------------------------------------------------------------------------------------------------


def test_g6_everything_in_the_namespace_comes_after_it(uat_stack: Recording) -> None:
    inside = [each for each in uat_stack.resources if each.parent in ("env", "volume", "retention")]
    assert len(inside) > 15
    for each in inside:
        if each.name != "env-namespace":
            assert "env-namespace" in each.dependencies, each.name


def test_g7_quota_and_limit_range_are_created(test_stack: Recording) -> None:
    assert test_stack["env-quota"].inputs["spec"]["hard"]["pods"] == "40"
    assert test_stack["env-limit-range"].inputs["spec"]["limits"][0]["type"] == "Container"


def test_g9_the_registry_password_stays_secret_on_its_way_into_the_pull_secret(test_stack: Recording) -> None:
    secret = test_stack["env-pull-secret"]
    assert isinstance(secret.inputs["data"], Secret)
    config = json.loads(b64decode(secret.inputs["data"].value[".dockerconfigjson"]))
    login = config["auths"]["registry-vpc.cn-hangzhou.aliyuncs.com"]
    assert (login["username"], login["password"]) == ("deploy@example", CANARY)
    assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert test_stack.result["pull_secret"] == "acr-credentials"


def test_g16_the_nacos_password_is_a_secret_only_where_nacos_wants_a_login(
    test_stack: Recording, uat_stack: Recording
) -> None:
    assert isinstance(uat_stack["env-nacos-secret"].inputs["data"], Secret)
    assert uat_stack.result["nacos_secret"] == "nacos-credentials"
    assert "env-nacos-secret" not in test_stack.names()
    assert test_stack.result["nacos_secret"] is None


def test_the_policies_of_the_namespace_are_there_only_when_asked_for(
    test_stack: Recording, uat_stack: Recording
) -> None:
    roles = {each.name for each in uat_stack.of_type("NetworkPolicy")}
    allowed = {f"env-allow-{what}" for what in ("dns", "namespace", "nas", "nacos", "egress")}
    assert roles == {"env-default-deny", *allowed, "retention-network-policy"}
    assert not test_stack.of_type("NetworkPolicy")


@BOTH
def test_d2_what_is_given_is_read_and_never_registered(*, preview: bool) -> None:
    recording = record(settings("prod", root=EXISTING), preview=preview)
    assert {each.name: each.read_id for each in recording.resources if each.parent == "env"} == {
        "env-namespace": "prod",
        "env-quota": "prod/prod-quota",
        "env-limit-range": "prod/prod-limits",
        "env-pull-secret": "prod/acr-credentials",
    }
    created = [each for each in recording.resources if each.custom and not each.read_id]
    assert {each.type.split(":")[0] for each in created} == {"pulumi"}, created
    assert recording.result["namespace"] == "prod"
    assert recording.result["pull_secret"] == "acr-credentials"


def test_d2_what_is_read_of_a_given_pull_secret_stays_encrypted_with_its_metadata(existing_stack: Recording) -> None:
    assert set(existing_stack["env-pull-secret"].secret_outputs) == {"data", "stringData", "metadata"}


# ---- log retention --------------------------------------------------------------------------------------------------


def test_g27_log_retention_is_a_cron_job_with_an_account_of_its_own(test_stack: Recording) -> None:
    children = {each.name for each in test_stack.resources if each.parent == "retention"}
    roles = ("service-account", "role", "role-binding", "script", "cron-job")
    assert children == {f"retention-{role}" for role in roles}
    pod = test_stack["retention-cron-job"].inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "log-retention"
    assert pod["volumes"][0] == {"name": "data", "persistentVolumeClaim": {"claimName": "test-nas"}}
    needed = {"retention-service-account", "retention-script", "volume-claim", "env-pull-secret"}
    assert set(test_stack["retention-cron-job"].dependencies) >= needed


def test_without_log_retention_nothing_is_created() -> None:
    recording = record(settings("test", {"logRetention": None}))
    assert not [each for each in recording.resources if each.parent == "retention"]


def test_the_three_shipped_situations_are_really_three() -> None:
    assert {make().alb.ownership for make in STACKS.values()} == {"owned", "givenById", "givenByIngressClass"}
