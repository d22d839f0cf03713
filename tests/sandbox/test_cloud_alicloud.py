"""The Alibaba Cloud account of the sandbox: what it demands, reports, replaces, and answers to data sources."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_alicloud as alicloud
import pytest

from sandbox.cloud.products import PRODUCTS
from sandbox.cloud.wire import UNKNOWN, decode
from tests.sandbox.cloud_client import BALANCER, CLUSTER, VPC, Cloud, RefusedError, served

LOAD_BALANCER, FILE_SYSTEM = "alb/loadBalancer:LoadBalancer", "nas/fileSystem:FileSystem"
ACCESS_GROUP, ACCESS_RULE = "nas/accessGroup:AccessGroup", "nas/accessRule:AccessRule"
MOUNT_TARGET, ADDON = "nas/mountTarget:MountTarget", "cs/kubernetesAddon:KubernetesAddon"
NAS = {"protocolType": "NFS", "storageType": "Capacity"}
GROUP = {"accessGroupName": "test", "accessGroupType": "Vpc"}
TARGET = {"accessGroupName": "test", "vpcId": VPC, "vswitchId": "vsw-example000000000000h"}


@pytest.fixture
def cloud(planted: Path) -> Iterator[Cloud]:
    with served(planted) as running:
        running.alicloud.configure(region="cn-hangzhou")
        yield running


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("alicloud:alb/loadBalancer", alicloud.alb.LoadBalancerArgs),
        ("alicloud:nas/fileSystem", alicloud.nas.FileSystemArgs),
        ("alicloud:nas/accessGroup", alicloud.nas.AccessGroupArgs),
        ("alicloud:nas/accessRule", alicloud.nas.AccessRuleArgs),
        ("alicloud:nas/mountTarget", alicloud.nas.MountTargetArgs),
        ("alicloud:cs/kubernetesAddon", alicloud.cs.KubernetesAddonInitArgs),
    ],
)
def test_a_type_has_the_inputs_of_the_providers_sdk(kind: str, arguments: type) -> None:
    properties = {name: value for name, value in vars(arguments).items() if isinstance(value, property)}
    names = {getattr(value.fget, "_pulumi_name", name) for name, value in properties.items()}
    assert PRODUCTS[kind].inputs == names
    assert {*PRODUCTS[kind].force_new, *PRODUCTS[kind].required} <= names


def test_an_unknown_type_is_refused_with_what_is_served(cloud: Cloud) -> None:
    _, failures = cloud.alicloud.check("ecs/instance:Instance", {})
    assert "ecs/instance:Instance is not served by the sandbox" in failures[""]


def test_every_missing_and_every_unknown_input_is_named(cloud: Cloud) -> None:
    _, failures = cloud.alicloud.check(LOAD_BALANCER, {"adressType": "Internet", "vpcId": VPC})
    assert sorted(failures) == [
        "addressType",
        "adressType",
        "loadBalancerBillingConfig",
        "loadBalancerEdition",
        "zoneMappings",
    ]
    assert "did you mean 'addressType'?" in failures["adressType"]


def test_a_value_that_the_cloud_does_not_have_is_refused(cloud: Cloud) -> None:
    rule = {"accessGroupName": "g", "sourceCidrIp": "10.0.0.0/8", "rwAccessType": "RW", "priority": 101}
    _, failures = cloud.alicloud.check(ACCESS_RULE, rule)
    assert failures == {
        "rwAccessType": "expected rwAccessType to be one of RDWR, RDONLY, got RW",
        "priority": "expected priority to be one of 1 to 100, got 101",
    }


def test_a_value_that_preview_does_not_know_yet_is_accepted(cloud: Cloud) -> None:
    _, failures = cloud.alicloud.check(MOUNT_TARGET, {"fileSystemId": UNKNOWN, "networkType": UNKNOWN})
    assert failures == {}


def test_preview_of_a_create_leaves_the_computed_outputs_unknown(cloud: Cloud) -> None:
    identity, planned = cloud.alicloud.create(LOAD_BALANCER, BALANCER, preview=True)
    assert identity == ""
    assert planned["dnsName"] == UNKNOWN


def test_a_load_balancer_gets_an_id_and_the_dns_name_of_its_region(cloud: Cloud) -> None:
    cloud.alicloud.configure(region="cn-shanghai")
    identity, outputs = cloud.alicloud.create(LOAD_BALANCER, BALANCER)
    assert identity.startswith("alb-")
    assert outputs["dnsName"] == f"{identity}.cn-shanghai.alb.aliyuncs.com"


def test_equal_runs_give_equal_ids_and_a_second_one_of_a_name_another(planted: Path, bare: Path) -> None:
    found: list[str] = []
    for path in (planted, bare):
        with served(path) as cloud:
            found.append(cloud.alicloud.create(LOAD_BALANCER, BALANCER)[0])
            found.append(cloud.alicloud.create(LOAD_BALANCER, BALANCER)[0])
    assert found[:2] == found[2:]
    assert found[0] != found[1]


def test_an_unset_address_allocated_mode_is_a_proposed_replacement_at_the_next_preview(cloud: Cloud) -> None:
    unset = {name: value for name, value in BALANCER.items() if name != "addressAllocatedMode"}
    _, outputs = cloud.alicloud.create(LOAD_BALANCER, unset)
    assert outputs["addressAllocatedMode"] == "Dynamic"
    assert list(cloud.alicloud.diff(LOAD_BALANCER, unset, unset, outputs).replaces) == ["addressAllocatedMode"]
    ignored = cloud.alicloud.diff(LOAD_BALANCER, unset, unset, outputs, ignore=["addressAllocatedMode"])
    assert ignored.changes == 1


def test_a_stated_address_allocated_mode_is_no_difference(cloud: Cloud) -> None:
    _, outputs = cloud.alicloud.create(LOAD_BALANCER, BALANCER)
    assert cloud.alicloud.diff(LOAD_BALANCER, BALANCER, BALANCER, outputs).changes == 1


def test_a_vpc_on_a_standard_file_system_is_a_proposed_replacement_at_the_next_preview(cloud: Cloud) -> None:
    inputs = {**NAS, "vpcId": VPC}
    _, outputs = cloud.alicloud.create(FILE_SYSTEM, inputs)
    assert list(cloud.alicloud.diff(FILE_SYSTEM, inputs, inputs, outputs).replaces) == ["vpcId"]
    _, plain = cloud.alicloud.create(FILE_SYSTEM, NAS)
    assert cloud.alicloud.diff(FILE_SYSTEM, NAS, NAS, plain).changes == 1


@pytest.mark.parametrize("kind", sorted(PRODUCTS))
def test_a_changed_force_new_input_replaces_and_another_one_does_not(cloud: Cloud, kind: str) -> None:
    product = PRODUCTS[kind]
    short = kind.removeprefix("alicloud:")
    for name in sorted(product.inputs):
        found = cloud.alicloud.diff(f"{short}:X", {name: "a"}, {name: "b"})
        assert (list(found.replaces) == [name]) == (name in product.force_new), name
        assert not found.deleteBeforeReplace


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"vpcId": "vpc-missing"}, "InvalidVpcId.NotFound: .*vpc-missing"),
        ({"zoneMappings": [{"zoneId": "cn-hangzhou-h", "vswitchId": "vsw-x"}]}, "InvalidVSwitchId.NotFound: .*vsw-x"),
        ({"zoneMappings": BALANCER["zoneMappings"][:1]}, "at least two zones"),  # type: ignore[index] # a list, as stated above
        (
            {"zoneMappings": [{"zoneId": "cn-hangzhou-x", "vswitchId": "vsw-example000000000000h"}]},
            "is in zone cn-hangzhou-h, not in cn-hangzhou-x",
        ),
    ],
)
def test_a_load_balancer_outside_the_network_is_refused(cloud: Cloud, changes: dict[str, Any], text: str) -> None:
    with pytest.raises(RefusedError, match=text):
        cloud.alicloud.create(LOAD_BALANCER, {**BALANCER, **changes})


def test_nas_from_file_system_to_mount_target(cloud: Cloud) -> None:
    file_system, _ = cloud.alicloud.create(FILE_SYSTEM, NAS)
    group, names = cloud.alicloud.create(ACCESS_GROUP, GROUP)
    rule, _ = cloud.alicloud.create(ACCESS_RULE, {"accessGroupName": "test", "sourceCidrIp": "10.1.0.0/20"})
    target, outputs = cloud.alicloud.create(MOUNT_TARGET, {**TARGET, "fileSystemId": file_system})
    assert (group, names["accessGroupName"]) == ("test:standard", "test")
    assert rule.startswith("test:")
    assert target == f"{file_system}:{outputs['mountTargetDomain']}"
    assert outputs["mountTargetDomain"].endswith(".cn-hangzhou.nas.aliyuncs.com")
    with pytest.raises(RefusedError, match="is in use by mount target"):
        cloud.alicloud.delete(FILE_SYSTEM, file_system)
    with pytest.raises(RefusedError, match="is in use by mount target"):
        cloud.alicloud.delete(ACCESS_GROUP, group)
    cloud.alicloud.delete(MOUNT_TARGET, target)
    cloud.alicloud.delete(FILE_SYSTEM, file_system)
    cloud.alicloud.delete(ACCESS_GROUP, group)


def test_an_access_group_name_is_taken_once(cloud: Cloud) -> None:
    cloud.alicloud.create(ACCESS_GROUP, GROUP)
    with pytest.raises(RefusedError, match=r"InvalidAccessGroup\.AlreadyExisted"):
        cloud.alicloud.create(ACCESS_GROUP, GROUP)


@pytest.mark.parametrize(
    ("kind", "inputs", "text"),
    [
        (ACCESS_RULE, {"accessGroupName": "none", "sourceCidrIp": "10.0.0.0/8"}, "InvalidAccessGroup.NotFound"),
        (MOUNT_TARGET, {**TARGET, "fileSystemId": "none"}, "InvalidFileSystem.NotFound"),
        (MOUNT_TARGET, {**TARGET, "fileSystemId": "example0nas"}, "InvalidAccessGroup.NotFound"),
        (ADDON, {"clusterId": "c-none", "name": "alb-ingress-controller"}, "ErrorClusterNotFound"),
        (ADDON, {"clusterId": CLUSTER, "name": "alb-ingres-controller"}, "AddonNotFound"),
    ],
)
def test_what_names_something_missing_is_refused(cloud: Cloud, kind: str, inputs: dict[str, Any], text: str) -> None:
    with pytest.raises(RefusedError, match=text):
        cloud.alicloud.create(kind, inputs)


def test_a_file_system_has_two_mount_targets_at_most(cloud: Cloud) -> None:
    target = {"fileSystemId": "example0nas", "vswitchId": "vsw-example000000000000h"}
    cloud.alicloud.create(MOUNT_TARGET, target)
    with pytest.raises(RefusedError, match="has 2 mount targets already"):
        cloud.alicloud.create(MOUNT_TARGET, target)


def test_an_installed_add_on_is_adopted_and_never_uninstalled(cloud: Cloud) -> None:
    inputs = {"clusterId": CLUSTER, "name": "alb-ingress-controller", "config": "{}"}
    identity, outputs = cloud.alicloud.create(ADDON, inputs)
    assert (identity, outputs["version"]) == (f"{CLUSTER}:alb-ingress-controller", "v2.20.0")
    cloud.alicloud.delete(ADDON, identity)
    assert cloud.alicloud.read(ADDON, identity).id == identity


def test_reading_what_is_missing_gives_an_empty_id(cloud: Cloud) -> None:
    assert cloud.alicloud.read(LOAD_BALANCER, "alb-missing").id == ""
    assert cloud.alicloud.read(LOAD_BALANCER, "alb-exampleuat0000001").id == "alb-exampleuat0000001"


def test_a_refresh_shows_the_tags_that_the_controller_wrote(cloud: Cloud) -> None:
    inputs = {**BALANCER, "tags": {"env": "test"}}
    identity, outputs = cloud.alicloud.create(LOAD_BALANCER, inputs)
    config = {"metadata": {"name": "test"}, "spec": {"config": {"id": identity}}}
    cloud.create("alibabacloud.com/v1:AlbConfig", config)
    read = decode(cloud.alicloud.read(LOAD_BALANCER, identity, inputs, outputs).inputs)
    assert read["tags"] == {"env": "test", "ack.aliyun.com": CLUSTER, "ingress.k8s.alibaba/albconfig": "test"}


def test_an_update_of_a_vanished_resource_says_what_to_do(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match="was deleted outside Pulumi; run `pulumi refresh`"):
        cloud.alicloud.update(FILE_SYSTEM, "none", NAS, {**NAS, "description": "x"})


def test_the_provider_is_replaced_by_another_region(cloud: Cloud) -> None:
    found = cloud.alicloud.config_diff({"region": "cn-hangzhou"}, {"region": "cn-beijing"})
    assert list(found.replaces) == ["region"]


@pytest.mark.parametrize(
    ("function", "arguments", "names", "expected"),
    [
        ("alb/getLoadBalancers", {"ids": ["alb-exampleuat0000001"]}, "ids", ["alb-exampleuat0000001"]),
        ("alb/getLoadBalancers", {"nameRegex": "^example-prod$"}, "ids", ["alb-exampleprod000001"]),
        ("alb/getLoadBalancers", {"vpcId": "vpc-other"}, "balancers", []),
        ("cas/getServiceCertificates", {"ids": ["10000002"]}, "names", ["uat"]),
        ("cas/getServiceCertificates", {"nameRegex": "^all$"}, "ids", ["10000003"]),
        ("nas/getFileSystems", {"ids": ["example0nas"]}, "ids", ["example0nas"]),
        ("nas/getFileSystems", {"storageType": "Performance"}, "systems", []),
        (
            "nas/getMountTargets",
            {"fileSystemId": "example0nas"},
            "ids",
            ["example0nas-uat01.cn-hangzhou.nas.aliyuncs.com"],
        ),
        ("nas/getMountTargets", {"fileSystemId": "other"}, "targets", []),
        ("cs/getKubernetesAddons", {"clusterId": CLUSTER, "nameRegex": "^alb"}, "names", ["alb-ingress-controller"]),
        ("cs/getManagedKubernetesClusters", {"nameRegex": "example"}, "ids", [CLUSTER]),
        ("vpc/getNetworks", {}, "ids", [VPC]),
        ("vpc/getSwitches", {"zoneId": "cn-hangzhou-k"}, "ids", ["vsw-example000000000000k"]),
        ("vpc/getSwitches", {"ids": ["vsw-missing"]}, "vswitches", []),
    ],
)
def test_a_data_source_chooses_as_asked(
    cloud: Cloud, function: str, arguments: dict[str, Any], names: str, expected: list[str]
) -> None:
    assert cloud.alicloud.invoke(function, **arguments)[names] == expected


@pytest.mark.parametrize(
    ("function", "arguments", "items", "kind"),
    [
        ("alb/getLoadBalancers", {}, "balancers", alicloud.alb.outputs.GetLoadBalancersBalancerResult),
        ("nas/getFileSystems", {}, "systems", alicloud.nas.outputs.GetFileSystemsSystemResult),
        (
            "nas/getMountTargets",
            {"fileSystemId": "example0nas"},
            "targets",
            alicloud.nas.outputs.GetMountTargetsTargetResult,
        ),
        (
            "cs/getKubernetesAddons",
            {"clusterId": CLUSTER},
            "addons",
            alicloud.cs.outputs.GetKubernetesAddonsAddonResult,
        ),
        (
            "cs/getManagedKubernetesClusters",
            {},
            "clusters",
            alicloud.cs.outputs.GetManagedKubernetesClustersClusterResult,
        ),
        (
            "cas/getServiceCertificates",
            {},
            "certificates",
            alicloud.cas.outputs.GetServiceCertificatesCertificateResult,
        ),
        ("vpc/getSwitches", {}, "vswitches", alicloud.vpc.outputs.GetSwitchesVswitchResult),
        ("vpc/getNetworks", {}, "vpcs", alicloud.vpc.outputs.GetNetworksVpcResult),
    ],
)
def test_a_data_sources_items_have_the_shape_of_the_sdks_result(
    cloud: Cloud, function: str, arguments: dict[str, Any], items: str, kind: type
) -> None:
    properties = {name: value for name, value in vars(kind).items() if isinstance(value, property)}
    names = {getattr(value.fget, "_pulumi_name", name) for name, value in properties.items()}
    found = cloud.alicloud.invoke(function, **arguments)[items]
    assert found
    for item in found:
        assert set(item) == names


def test_an_add_on_that_is_not_installed_has_no_current_version(cloud: Cloud) -> None:
    (addon,) = cloud.alicloud.invoke("cs/getKubernetesAddons", clusterId=CLUSTER, nameRegex="^arms")["addons"]
    assert (addon["currentVersion"], addon["nextVersion"]) == ("", "1.1.35")


def test_an_unknown_data_source_is_refused_with_what_is_served(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match=r"ecs/getInstances.* is not served by the sandbox; it serves alicloud:alb"):
        cloud.alicloud.invoke("ecs/getInstances")
