"""The guide's rows, each in the cloud that the real engine left behind: what `make up` really creates."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from config import PROJECT
from tests.engine.conftest import Shared
from tests.engine.stacks import state
from tests.settings import ROOT

SERVICES = {"admin", "exam", "file", "gateway", "oauth2", "resource", "study"}
BOTH = ("test", "uat")
VPC = "vpc-example0000000000001"

both = pytest.mark.parametrize("stack", BOTH)


def deployments(shared: Shared, stack: str) -> dict[str, dict[str, Any]]:
    return {key.split("/")[1]: each for key, each in shared.cloud.of("apps/Deployment", f"{stack}/").items()}


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = deployment["spec"]["template"]["spec"]["containers"][0]
    return found


def variables(deployment: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container(deployment)["env"]}


def test_g1_the_alb_ingress_controller_creates_no_albconfig_of_its_own(shared: Shared) -> None:
    addon = shared.cloud.get("cs/kubernetesAddon", "cexample0000000000000000000000001:alb-ingress-controller")
    assert json.loads(addon["config"]) == {"albIngress": {"CreateDefaultALBConfig": False}}
    owners = {
        stack: [each["type"] for each in state(shared.place, stack) if each["type"].endswith(":KubernetesAddon")]
        for stack in (*BOTH, "prod")
    }
    assert owners == {"test": ["alicloud:cs/kubernetesAddon:KubernetesAddon"], "uat": [], "prod": []}


def test_g2_each_albconfig_is_on_its_alb_with_every_declared_listener(shared: Shared) -> None:
    own = shared.outputs("test")["alb"]["id"]
    assert shared.cloud.get("alb/loadBalancer", own)["tags"]["ingress.k8s.alibaba/albconfig"] == "test-alb"
    for name, balancer in {"test-alb": own, "uat-alb": "alb-exampleuat0000001"}.items():
        config = shared.cloud.get("alibabacloud.com/AlbConfig", name)
        assert config["spec"]["config"] == {"id": balancer, "forceOverride": False, "listenerForceOverride": False}
        listeners = [(each["port"], each["protocol"]) for each in config["spec"]["listeners"]]
        assert listeners == [(80, "HTTP"), (443, "HTTPS"), (8000, "HTTPS")]
        assert config["status"]["loadBalancer"]["dnsname"] == f"{balancer}.cn-hangzhou.alb.aliyuncs.com"


def test_g3_one_ingress_class_for_each_environment_and_the_shared_one_is_only_named(shared: Shared) -> None:
    for stack in BOTH:
        created = shared.cloud.get("networking.k8s.io/IngressClass", f"{stack}-alb")
        assert created["spec"]["controller"] == "ingress.k8s.alibabacloud/alb"
        assert created["spec"]["parameters"]["name"] == f"{stack}-alb"
    assert set(shared.cloud.of("networking.k8s.io/IngressClass")) == {"alb", "test-alb", "uat-alb"}
    assert shared.cloud.get("networking.k8s.io/Ingress", "prod/gateway")["spec"]["ingressClassName"] == "alb"


def test_g4_the_extend_network_controller_gives_eips_in_the_clusters_vpc(shared: Shared) -> None:
    release = shared.cloud.get("helm.sh/Release", "kube-system/ack-extend-network-controller")
    assert release["status"]["status"] == "deployed"
    assert release["values"]["enableControllers"] == ["eip"]
    assert release["values"]["vpcID"] == release["values"]["networkController"]["vpcid"] == VPC


@pytest.mark.parametrize("stack", ["test", "uat", "prod"])
def test_g5_only_pods_that_need_the_internet_have_an_eip(shared: Shared, stack: str) -> None:
    annotations = {
        name: each["spec"]["template"]["metadata"].get("annotations", {})
        for name, each in deployments(shared, stack).items()
    }
    with_eip = {name for name, each in annotations.items() if each.get("k8s.aliyun.com/pod-with-eip") == "true"}
    assert with_eip == {"oauth2"}


@both
def test_g6_the_namespace_has_pod_security_labels(shared: Shared, stack: str) -> None:
    labels = shared.cloud.get("core/Namespace", stack)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["env"] == stack


@both
def test_g7_the_namespace_has_a_quota_and_limits(shared: Shared, stack: str) -> None:
    hard = shared.cloud.get("core/ResourceQuota", f"{stack}/ack-platform")["spec"]["hard"]
    assert hard["limits.memory"] == {"test": "40Gi", "uat": "80Gi"}[stack]
    limit = shared.cloud.get("core/LimitRange", f"{stack}/ack-platform")["spec"]["limits"][0]
    assert limit["default"] == {"memory": "1Gi"}
    assert limit["max"] == {"memory": "8Gi"}


@both
def test_g8_the_claim_is_bound_to_a_volume_on_the_nas(shared: Shared, stack: str) -> None:
    claim = shared.cloud.get("core/PersistentVolumeClaim", f"{stack}/{stack}-nas")
    volume = shared.cloud.get("core/PersistentVolume", f"{stack}-nas")
    assert claim["spec"]["volumeName"] == f"{stack}-nas"
    assert claim["status"]["phase"] == volume["status"]["phase"] == "Bound"
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    server = volume["spec"]["csi"]["volumeAttributes"]["server"]
    assert server == shared.outputs(stack)["nas"]["mountTarget"]


def test_g8_the_file_system_admits_only_the_clusters_vswitches(shared: Shared) -> None:
    nas = shared.outputs("test")["nas"]
    target = shared.cloud.get("nas/mountTarget", f"{nas['fileSystemId']}:{nas['mountTarget']}")
    assert target["accessGroupName"] == "test-nas"
    rules = shared.cloud.of("nas/accessRule", "test-nas:").values()
    assert {rule["sourceCidrIp"] for rule in rules} == {"10.1.0.0/20", "10.2.0.0/20"}
    assert shared.cloud.get("nas/fileSystem", nas["fileSystemId"])["encryptType"] == 1


@both
def test_g9_every_pod_pulls_with_the_registry_secret(shared: Shared, stack: str) -> None:
    assert shared.cloud.get("core/Secret", f"{stack}/acr-credentials")["type"] == "kubernetes.io/dockerconfigjson"
    for deployment in deployments(shared, stack).values():
        assert deployment["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "acr-credentials"}]


@both
def test_g10_every_object_has_the_env_label_and_selectors_are_two_constants(shared: Shared, stack: str) -> None:
    for key in shared.cloud.created_by(stack):
        found = shared.cloud.entries[key].object
        if key.startswith("kubernetes:") and "Release" not in key:
            assert found["metadata"]["labels"]["env"] == stack, key
    for name, deployment in deployments(shared, stack).items():
        constant = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": stack}
        assert deployment["spec"]["selector"]["matchLabels"] == constant
        assert deployment["spec"]["template"]["metadata"]["labels"].items() >= {**constant, "env": stack}.items()
    service = shared.cloud.get("core/Service", f"{stack}/gateway")
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "gateway", "app.kubernetes.io/instance": stack}


@both
def test_g11_seven_deployments_run_in_the_guides_time_zone(shared: Shared, stack: str) -> None:
    found = deployments(shared, stack)
    assert set(found) == SERVICES
    for deployment in found.values():
        assert variables(deployment)["TZ"] == "Asia/Shanghai"
        assert deployment["status"]["readyReplicas"] >= 1
    assert found["admin"]["spec"]["replicas"] == {"test": 1, "uat": 2}[stack]


@both
def test_g12_images_carry_their_profile_and_a_digest_is_not_pulled_twice(shared: Shared, stack: str) -> None:
    for name, deployment in deployments(shared, stack).items():
        image = container(deployment)["image"]
        assert image.startswith(f"registry-vpc.cn-hangzhou.aliyuncs.com/example/{name}:{stack}-")
        assert container(deployment)["imagePullPolicy"] == ("IfNotPresent" if "@sha256:" in image else "Always")


@both
def test_g13_every_container_has_limits_requests_and_port_80(shared: Shared, stack: str) -> None:
    for deployment in deployments(shared, stack).values():
        resources = container(deployment)["resources"]
        assert set(resources["limits"]) >= {"memory"}
        assert set(resources["requests"]) >= {"cpu", "memory"}
        assert [port["containerPort"] for port in container(deployment)["ports"]] == [80]


@both
def test_g14_the_guides_variables_follow_from_the_environments_name(shared: Shared, stack: str) -> None:
    for name, deployment in deployments(shared, stack).items():
        found = variables(deployment)
        assert found["ENVIRONMENT"] == stack
        assert found["DATA_DIR"] == f"/product/{stack}/{name}"
        assert found["APP_DIR"] == "/app"
        assert found["EXECUTABLE_JAR"].startswith(f"product-micro-{name}-server")
        assert "-XX:MaxRAMPercentage=" in found["JVM_OPTIONS_BASE"]
        assert "-Dserver.port=80" in found["SYSTEM_OPTIONS"]
        assert f"--spring.profiles.active={stack}" in found["PROGRAM_PARAMS"]


@both
def test_g15_probes_are_tcp_unless_the_service_has_the_actuator(shared: Shared, stack: str) -> None:
    for name, deployment in deployments(shared, stack).items():
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert ("httpGet" if name == "gateway" else "tcpSocket") in container(deployment)[probe]


@both
def test_g16_a_sidecar_keeps_nacos_and_pods_in_step(shared: Shared, stack: str) -> None:
    for deployment in deployments(shared, stack).values():
        pod = deployment["spec"]["template"]["spec"]
        sidecar = next(each for each in pod["initContainers"] if each.get("restartPolicy") == "Always")
        assert "registration.sh" in " ".join(sidecar["command"])
        drain = container(deployment)["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod["terminationGracePeriodSeconds"] > drain > 0


@both
def test_g17_data_dir_is_the_services_directory_on_the_claim(shared: Shared, stack: str) -> None:
    for name, deployment in deployments(shared, stack).items():
        volumes = {each["name"]: each for each in deployment["spec"]["template"]["spec"]["volumes"]}
        mount = next(each for each in container(deployment)["volumeMounts"] if "subPath" in each)
        assert mount["mountPath"] == f"/product/{stack}/{name}"
        assert mount["subPath"] == f"product/{stack}/{name}"
        assert volumes[mount["name"]]["persistentVolumeClaim"]["claimName"] == f"{stack}-nas"


@both
def test_g18_the_service_leads_to_port_80_and_only_where_it_is_asked_for(shared: Shared, stack: str) -> None:
    assert set(shared.cloud.of("core/Service", f"{stack}/")) == {f"{stack}/gateway"}
    port = shared.cloud.get("core/Service", f"{stack}/gateway")["spec"]["ports"][0]
    assert (port["port"], port["targetPort"]) == (8080, 80)


@both
def test_g19_the_ingress_has_host_class_tls_and_an_address(shared: Shared, stack: str) -> None:
    ingress = shared.cloud.get("networking.k8s.io/Ingress", f"{stack}/gateway")
    host = f"gateway.{stack}.example.com"
    assert ingress["spec"]["ingressClassName"] == f"{stack}-alb"
    assert ingress["spec"]["tls"] == [{"hosts": [host]}]
    assert ingress["spec"]["rules"][0]["host"] == host
    address = ingress["status"]["loadBalancer"]["ingress"][0]["hostname"]
    assert shared.outputs(stack)["dnsRecords"] == {host: address}
    assert address == shared.outputs(stack)["alb"]["dnsName"]


@both
def test_g20_the_front_end_reaches_the_gateway_directly_on_port_8000(shared: Shared, stack: str) -> None:
    annotations = shared.cloud.get("networking.k8s.io/Ingress", f"{stack}/gateway")["metadata"]["annotations"]
    assert {"HTTPS": 8000} in json.loads(annotations["alb.ingress.kubernetes.io/listen-ports"])
    assert f"https://gateway.{stack}.example.com:8000" in shared.outputs(stack)["services"]["gateway"]["urls"]


def test_f1_one_program_drives_both_providers(shared: Shared) -> None:
    providers = {each["type"] for each in state(shared.place, "test") if each["type"].startswith("pulumi:providers:")}
    assert providers == {"pulumi:providers:alicloud", "pulumi:providers:kubernetes"}


def test_f2_the_top_level_is_the_asked_one() -> None:
    files = ("Pulumi.yaml", "Pulumi.test.yaml", "Pulumi.uat.yaml", "__main__.py")
    assert all((ROOT / name).is_file() for name in files)
    assert all((ROOT / name).is_dir() for name in ("components", "config", "tests"))


@both
def test_f3_what_is_created_belongs_to_components(shared: Shared, stack: str) -> None:
    made = [each["type"].rpartition(":")[2] for each in state(shared.place, stack) if each["type"].startswith(PROJECT)]
    single = {"AlbIngressController", "ApplicationLoadBalancer", "Environment", "ExtendNetworkController"}
    single |= {"LogRetention", "NasFileSystem", "NasVolume"}
    assert Counter(made) == {**dict.fromkeys(single, 1), "SpringService": 7}


def test_f4_each_environment_is_a_stack_with_a_state_of_its_own(shared: Shared) -> None:
    for stack in BOTH:
        for each in state(shared.place, stack):
            assert each["urn"].startswith(f"urn:pulumi:{stack}::ack-platform::")
        other = {"test": "uat", "uat": "test"}[stack]
        assert not any(key.split("::")[1].startswith(f"{other}/") for key in shared.cloud.created_by(stack))


@both
def test_f6_other_teams_read_outputs_without_a_secret(shared: Shared, stack: str) -> None:
    outputs = shared.outputs(stack)
    assert outputs["namespace"] == stack
    assert set(outputs["services"]) == SERVICES
    assert "[secret]" not in json.dumps(outputs)
