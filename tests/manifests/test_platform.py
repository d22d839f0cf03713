"""The objects that no service owns, one by one, row by row."""

import base64
import json
from typing import Any

import pytest

from components.manifests import log_retention as retention
from components.manifests.addon import alb_ingress_controller_config, extend_network_controller_values
from components.manifests.alb_config import alb_config
from components.manifests.environment import environment
from components.manifests.ingress_class import ingress_class
from components.manifests.kubeconfig import ack_kubeconfig
from components.manifests.metadata import Manifest
from components.manifests.namespace import namespace
from components.manifests.network_policy import network_policies, service_policy
from components.manifests.platform import platform_objects
from components.manifests.pull_secret import docker_config, encoded, nacos_secret, pull_secret
from components.manifests.quota import limit_range, resource_quota
from components.manifests.volume import claim, persistent_volume
from config import StackSettings
from config.cluster import KubeconfigAck
from config.environment import OwnedLimitRange, OwnedQuota
from config.nas import OwnedVolume
from tests.manifests.schemas import assert_valid
from tests.settings import settings

MANAGED = {"pulumi.com/patchFieldManager": "ack-platform"}


def labels(env: str = "uat", **more: str) -> dict[str, str]:
    common = {
        "app.kubernetes.io/instance": env,
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/part-of": "ack-platform",
        "env": env,
    }
    return {**common, **more}


def metadata(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "labels": labels(), "annotations": MANAGED, **more}


def all_objects(stack: StackSettings) -> dict[str, Manifest]:
    """Every object of the platform's builders, with plain names for what is known only after creation."""
    placed: dict[str, Manifest] = {}

    def place(role: str, manifest: Manifest) -> str:
        placed[f"{manifest['kind']}-{role}"] = manifest
        return str(manifest["metadata"]["name"])

    names = environment(stack, place, given_namespace=None, docker_config="e30=", nacos_password="eA==")
    retention.log_retention(
        stack,
        place,
        namespace=names["namespace"],
        claim=stack.claim,
        pull_secret=names.get("pull-secret"),
    )
    place("ingress-class", ingress_class(stack, stack.ingress_class))
    if isinstance(stack.nas.volume, OwnedVolume):
        place("volume", persistent_volume(stack, stack.nas.volume, "x.nas.aliyuncs.com", stack.namespace))
        place("claim", claim(stack, stack.nas.volume, stack.claim, stack.namespace))
    for service in stack.services if stack.environment.network_policies else ():
        place(service, service_policy(stack, service, stack.namespace))
    return placed


@pytest.mark.parametrize("stack", ["test", "uat"])
def test_every_object_is_valid_in_the_oldest_and_the_newest_kubernetes(stack: str) -> None:
    objects = all_objects(settings(stack))
    assert len(objects) >= 11
    for manifest in objects.values():
        assert_valid(manifest)


def test_an_invalid_object_is_noticed() -> None:
    broken = namespace(settings())
    broken["spec"] = {"finalisers": []}
    with pytest.raises(Exception, match="finalisers"):
        assert_valid(broken)


def test_g10_every_object_carries_the_environments_label_and_the_field_manager() -> None:
    for name, manifest in all_objects(settings()).items():
        assert manifest["metadata"]["labels"]["env"] == "uat", name
        assert manifest["metadata"]["annotations"]["pulumi.com/patchFieldManager"] == "ack-platform", name


def test_the_same_settings_give_the_same_bytes() -> None:
    first, second = (json.dumps(all_objects(settings())) for _ in range(2))
    assert first == second


def test_g1_the_add_on_makes_no_alb_config_of_its_own_and_its_config_is_compact_and_sorted() -> None:
    assert alb_ingress_controller_config() == '{"albIngress":{"CreateDefaultALBConfig":false}}'


def test_g4_the_eip_controller_is_on_and_the_vpc_stands_under_both_spellings() -> None:
    assert extend_network_controller_values(settings("test")) == {
        "clusterID": "cexample0000000000000000000000001",
        "regionID": "cn-hangzhou",
        "vpcID": "vpc-example0000000000001",
        "enableControllers": ["eip"],
        "networkController": {"vpcid": "vpc-example0000000000001"},
    }


def test_g2_g20_the_alb_config_reuses_the_alb_with_both_override_flags_off_and_lists_every_listener() -> None:
    https: dict[str, Any] = {
        "protocol": "HTTPS",
        "idleTimeout": 15,
        "securityPolicyId": "tls_cipher_policy_1_2",
        "certificates": [{"CertificateId": "10000002-cn-hangzhou", "IsDefault": True}],
    }
    assert alb_config(settings(), "alb-1") == {
        "apiVersion": "alibabacloud.com/v1",
        "kind": "AlbConfig",
        "metadata": metadata(
            "uat-alb",
            annotations={
                **MANAGED,
                "pulumi.com/timeoutSeconds": "300",
                "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.dnsname}",
            },
        ),
        "spec": {
            "config": {"id": "alb-1", "forceOverride": False, "listenerForceOverride": False},
            "listeners": [
                {"port": 80, "protocol": "HTTP", "requestTimeout": 60, "idleTimeout": 15},
                {"port": 443, "requestTimeout": 60, **https},
                {"port": 8000, "requestTimeout": 120, **https},
            ],
        },
    }


def test_g2_the_first_certificate_is_the_default_and_none_leaves_the_key_out() -> None:
    two = ["10000002-cn-hangzhou", "10000009-cn-hangzhou"]
    listeners = alb_config(settings(changes={"alb.listeners[1].certificates": two}), "alb-1")["spec"]["listeners"]
    assert listeners[1]["certificates"] == [
        {"CertificateId": two[0], "IsDefault": True},
        {"CertificateId": two[1], "IsDefault": False},
    ]
    assert "certificates" not in listeners[0]
    assert "securityPolicyId" not in listeners[0]


def test_g3_the_ingress_class_names_the_controller_without_dot_com() -> None:
    assert ingress_class(settings(), "uat-alb") == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata("uat-alb"),
        "spec": {
            "controller": "ingress.k8s.alibabacloud/alb",
            "parameters": {"apiGroup": "alibabacloud.com", "kind": "AlbConfig", "name": "uat-alb"},
        },
    }


def test_g6_the_namespace_has_pod_security_labels_for_all_three_modes() -> None:
    pinned = settings(changes={"environment.namespace.podSecurityVersion": "1.36.1-aliyun.1"})
    for stack, version in ((settings(), "latest"), (pinned, "v1.36")):
        assert namespace(stack) == {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": metadata(
                "uat",
                labels=labels()
                | {
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/enforce-version": version,
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/audit-version": version,
                    "pod-security.kubernetes.io/warn": "restricted",
                    "pod-security.kubernetes.io/warn-version": version,
                },
            ),
        }


def test_g7_quota_and_limit_range_say_what_the_settings_say() -> None:
    quota = OwnedQuota(ownership="owned", hard={"requests.cpu": "8", "pods": "40"})
    assert resource_quota(settings(), quota, "uat")["spec"] == {"hard": {"requests.cpu": "8", "pods": "40"}}
    limits = OwnedLimitRange.model_validate_json(
        '{"ownership":"owned","default":{"memory":"1Gi"},"defaultRequest":{"cpu":"100m"},"max":{"cpu":"4"}}'
    )
    built = limit_range(settings(), limits, "uat")
    assert built["metadata"] == metadata("ack-platform", namespace="uat")
    container = {"type": "Container", "default": {"memory": "1Gi"}, "defaultRequest": {"cpu": "100m"}}
    assert built["spec"] == {"limits": [{**container, "max": {"cpu": "4"}}]}


def test_g9_the_pull_secret_is_what_docker_login_would_write() -> None:
    config = docker_config("registry.example.com", "deploy@example", "pass:wörd")
    assert json.loads(config) == {
        "auths": {
            "registry.example.com": {
                "username": "deploy@example",
                "password": "pass:wörd",
                "auth": base64.b64encode("deploy@example:pass:wörd".encode()).decode(),
            }
        }
    }
    assert pull_secret(settings(), encoded(config), "uat") == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata("acr-credentials", namespace="uat"),
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode()},
    }


def test_g16_the_nacos_login_is_a_secret_of_its_own() -> None:
    assert nacos_secret(settings(), "ack-platform", "eA==", "uat")["data"] == {
        "username": base64.b64encode(b"ack-platform").decode(),
        "password": "eA==",
    }


def test_g8_the_volume_is_static_reserved_for_its_claim_and_kept() -> None:
    stack = settings()
    assert isinstance(stack.nas.volume, OwnedVolume)
    assert persistent_volume(stack, stack.nas.volume, "x.cn-hangzhou.nas.aliyuncs.com", "uat") == {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata("uat-nas"),
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "capacity": {"storage": "500Gi"},
            "claimRef": {"namespace": "uat", "name": "uat-nas"},
            "csi": {
                "driver": "nasplugin.csi.alibabacloud.com",
                "volumeHandle": "uat-nas",
                "volumeAttributes": {
                    "server": "x.cn-hangzhou.nas.aliyuncs.com",
                    "path": "/uat",
                    "mode": "0777",
                    "modeType": "non-recursive",
                },
            },
            "mountOptions": [
                "nolock,tcp,noresvport",
                "rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2",
                "vers=3",
            ],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
        },
    }
    assert claim(stack, stack.nas.volume, "uat-nas", "uat")["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "500Gi"}},
        "storageClassName": "",
        "volumeName": "uat-nas",
    }


def test_g8_the_root_of_a_file_system_is_mounted_as_it_is() -> None:
    stack = settings(changes={"nas.volume.path": "/", "nas.volume.rootMode": None})
    assert isinstance(stack.nas.volume, OwnedVolume)
    volume = persistent_volume(stack, stack.nas.volume, "x.nas.aliyuncs.com", "uat")
    assert volume["spec"]["csi"]["volumeAttributes"] == {"server": "x.nas.aliyuncs.com", "path": "/"}


def policies(stack: StackSettings) -> dict[str, Any]:
    stated = stack.environment.network_policies
    assert stated is not None
    return {name: policy["spec"] for name, policy in network_policies(stack, stated, "uat").items()}


def blocks(*networks: str) -> list[dict[str, Any]]:
    return [{"ipBlock": {"cidr": network}} for network in networks]


def test_policies_deny_everything_and_then_allow_one_thing_each() -> None:
    found = policies(settings())
    switches = ("10.1.0.0/20", "10.2.0.0/20")
    everyone: dict[str, Any] = {"podSelector": {}}
    kube_system = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    dns = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    nfs = [{"port": port, "protocol": protocol} for port in (111, 2049) for protocol in ("TCP", "UDP")]
    nacos = [{"port": port, "protocol": "TCP"} for port in (8848, 9848, 9849)]
    database = [{"port": port, "protocol": "TCP"} for port in (3306, 6379)]
    out = {**everyone, "policyTypes": ["Egress"]}
    assert found == {
        "default-deny": {**everyone, "policyTypes": ["Ingress", "Egress"]},
        "allow-dns": {
            **out,
            "egress": [{"to": [kube_system, *blocks(*switches, "169.254.20.10/32")], "ports": dns}],
        },
        "allow-namespace": {
            **everyone,
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [everyone]}],
            "egress": [{"to": [everyone]}],
        },
        "allow-nas": {**out, "egress": [{"to": blocks(*switches), "ports": nfs}]},
        "allow-nacos": {**out, "egress": [{"to": blocks("10.3.0.0/24"), "ports": nacos}]},
        "allow-egress": {**out, "egress": [{"to": blocks("10.3.1.0/24"), "ports": database}]},
    }


def test_nacos_1_has_no_grpc_ports_and_each_server_has_its_own() -> None:
    old: dict[str, object] = {"nacos.version": "1.x", "nacos.address": "a.internal:8848,b.internal:8849"}
    old["serviceDefaults.registration"] = {"mode": "none"}
    ports = policies(settings(changes=old))["allow-nacos"]["egress"][0]["ports"]
    assert [each["port"] for each in ports] == [8848, 8849]


def test_without_nacos_and_egress_there_is_no_exception_for_them() -> None:
    alone: dict[str, object] = {"nacos": None, "environment.networkPolicies": {}}
    assert set(policies(settings(changes=alone))) == {"default-deny", "allow-dns", "allow-namespace", "allow-nas"}


def test_a_services_policy_admits_the_alb_and_prometheus_to_its_port_only() -> None:
    policy = service_policy(settings(), "gateway", "uat")
    agent = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "arms-prom"}}}
    port = [{"port": 80, "protocol": "TCP"}]
    assert policy["metadata"]["labels"]["app.kubernetes.io/name"] == "gateway"
    assert policy["spec"] == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "gateway", "app.kubernetes.io/instance": "uat"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": blocks("10.1.0.0/20", "10.2.0.0/20"), "ports": port}, {"from": [agent], "ports": port}],
    }


def test_g5_a_service_reaches_the_destinations_that_it_declares() -> None:
    spec = service_policy(settings(), "oauth2", "uat")["spec"]
    assert "ingress" not in spec
    assert spec["egress"] == [{"to": blocks("0.0.0.0/0"), "ports": [{"port": 443, "protocol": "TCP"}]}]


def test_the_alb_that_is_owned_sends_from_its_own_v_switches() -> None:
    third = {"id": "vsw-example000000000000g", "zone": "cn-hangzhou-g", "cidr": "10.9.0.0/20"}
    stack = settings("test")
    switches = [switch.model_dump(by_alias=True) for switch in stack.cluster.v_switches]
    changes: dict[str, object] = {
        "cluster.vSwitches": [*switches, third],
        "environment.networkPolicies": {"nacos": ["10.3.0.0/24"]},
        "services.oauth2.egress": [{"cidr": "0.0.0.0/0"}],
    }
    wider = settings("test", changes)
    [rule, *_] = service_policy(wider, "gateway", "test")["spec"]["ingress"]
    assert rule["from"] == blocks("10.1.0.0/20", "10.2.0.0/20")


def cron_job(stack: StackSettings) -> Any:
    return all_objects(stack)["CronJob-cron-job"]


def test_g27_log_retention_ships_suspended_and_dry_run() -> None:
    job = cron_job(settings())
    assert job["spec"]["suspend"] is True
    env = {entry["name"]: entry.get("value") for entry in container(job)["env"]}
    assert env == {
        "API_SERVER": "https://kubernetes.default.svc",
        "DRY_RUN": "true",
        "DUMPS_DAYS": "30",
        "KEEP_DUMPS": "2",
        "LOGS_DAYS": "14",
        "NAMESPACE": None,
        "POD_NAME": None,
        "ROOT": "/data",
        "SERVICE_ACCOUNT": "/var/run/secrets/kubernetes.io/serviceaccount",
    }
    switched_on = cron_job(settings(changes={"logRetention.suspend": False, "logRetention.dryRun": False}))
    assert switched_on["spec"]["suspend"] is False
    assert {"name": "DRY_RUN", "value": "false"} in container(switched_on)["env"]


def container(job: Any) -> Any:
    [found] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return found


def test_g27_runs_never_overlap_and_end() -> None:
    spec = cron_job(settings())["spec"]
    kept = ("schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds")
    assert [spec[key] for key in kept] == ["30 3 * * *", "Asia/Shanghai", "Forbid", 3600]
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 3)
    job = spec["jobTemplate"]["spec"]
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (0, 1800)
    assert job["template"]["spec"]["restartPolicy"] == "Never"


def test_g28_each_service_directory_is_mounted_by_the_sub_path_that_the_service_mounts() -> None:
    stack = settings()
    mounts = container(cron_job(stack))["volumeMounts"]
    data = {mount["mountPath"]: mount["subPath"] for mount in mounts if mount["name"] == "data"}
    assert data == {"/data/product-uat": "product/uat"}
    assert all(str(stack.sub_path(name)) == f"product/uat/{name}" for name in stack.services)


def test_g28_other_patterns_own_sub_paths_and_services_without_files_are_followed() -> None:
    stack = settings(
        changes={
            "environment.dataDir": "/product/{service}/{environment}",
            "services.exam.nas": {"subPath": "legacy/exam"},
            "services.study.nas": None,
        }
    )
    found = retention.directories(stack)
    assert found["services/gateway"] == "product/gateway/uat"
    assert found["services/exam"] == "legacy/exam"
    assert "services/study" not in found


def test_g28_a_directory_that_services_share_is_mounted_once() -> None:
    shared = {"subPath": "product/uat/common", "shared": True}
    stack = settings(changes={"services.exam.nas": shared, "services.study.nas": shared})
    found = retention.directories(stack)
    assert found["services/exam"] == "product/uat/common"
    assert "services/study" not in found


def test_two_directories_whose_mount_paths_would_be_the_same_are_both_mounted() -> None:
    changes: dict[str, object] = {
        "services.exam.dataDir": "/product/uat/a/b/exam",
        "services.file.dataDir": "/product/uat/a-b/file",
    }
    found = retention.directories(settings(changes=changes))
    assert found == {
        "product-uat": "product/uat",
        "product-uat-a-b": "product/uat/a/b",
        "services/file": "product/uat/a-b/file",
    }


def test_the_retention_pod_is_restricted_and_is_the_only_one_with_a_token() -> None:
    objects = all_objects(settings())
    pod = objects["CronJob-cron-job"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(objects["CronJob-cron-job"])["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
    assert pod["automountServiceAccountToken"] is True
    assert objects["ServiceAccount-service-account"]["automountServiceAccountToken"] is False
    assert objects["Role-role"]["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    assert pod["imagePullSecrets"] == [{"name": "acr-credentials"}]


def test_the_script_is_in_an_immutable_config_map_named_by_its_content() -> None:
    script = all_objects(settings())["ConfigMap-script"]
    assert script["immutable"] is True
    assert script["data"]["log-retention.sh"].startswith("#!/bin/sh\n")
    assert script["metadata"]["name"].removeprefix("log-retention-").isalnum()
    pod = cron_job(settings())["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert {"name": script["metadata"]["name"], "defaultMode": 0o444} in [
        each.get("configMap") for each in pod["volumes"]
    ]


def test_the_retention_pod_may_reach_the_api_where_everything_else_is_denied() -> None:
    objects = all_objects(settings())
    assert objects["NetworkPolicy-network-policy"]["spec"] == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "log-retention"}},
        "policyTypes": ["Egress"],
        "egress": [{"ports": [{"port": 443, "protocol": "TCP"}, {"port": 6443, "protocol": "TCP"}]}],
    }
    assert "NetworkPolicy-network-policy" not in all_objects(settings("test"))


def test_the_constant_kubeconfig_holds_no_credential_and_never_asks() -> None:
    cluster = settings().cluster
    assert isinstance(cluster.kubeconfig, KubeconfigAck)
    text = ack_kubeconfig(cluster, cluster.kubeconfig)
    assert text == ack_kubeconfig(cluster, cluster.kubeconfig)
    config = json.loads(text)
    assert config["current-context"] == cluster.id
    assert config["contexts"] == [{"name": cluster.id, "context": {"cluster": cluster.id, "user": "ack-ram-tool"}}]
    [user] = config["users"]
    assert user["user"] == {
        "exec": {
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
    }


@pytest.mark.parametrize("stack", ["test", "uat"])
def test_only_a_stack_that_switches_network_policies_on_isolates_its_pods(stack: str) -> None:
    stated = settings(stack)
    policies = {each["metadata"]["name"] for each in platform_objects(stated) if each["kind"] == "NetworkPolicy"}
    if stated.environment.network_policies is None:
        assert policies == set()
    else:
        assert policies >= {*stated.services, "default-deny", "allow-dns", "log-retention"}
