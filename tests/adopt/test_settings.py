"""What a live namespace says becomes settings; what it does not say is asked, never guessed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from adopt.entries import entries, service_model
from adopt.finding import AdoptError, Finding
from adopt.known import Known, VSwitch, standing_in
from adopt.settings import infer
from config import CATALOGUE
from config.files import YamlFile, read_yaml
from config.load import Source, load
from config.merge import deep_merge
from tests.adopt.snapshots import container, found, guide, inferred, snapshot

CATALOGUE_VALUES = read_yaml(CATALOGUE).values


@pytest.mark.parametrize("environment", ["test", "uat"])
def test_the_guides_services_become_entries_that_say_only_what_differs(environment: str) -> None:
    result = inferred(guide(environment), Known(environment))
    placed = entries(result.services, CATALOGUE_VALUES, None)
    assert placed.catalogue == {}
    assert placed.defaults == {
        "probes": {"periodSeconds": 10, "timeoutSeconds": 2},
        "registration": {"mode": "none"},
        "disruptionBudget": None,
        "spread": {"zone": None, "host": None},
        "securityProfile": "legacy",
        "serviceAccount": "default",
        "revisionHistory": 10,
    }
    assert placed.services["gateway"].pop("patch"), "the JVM's options are not of the form that settings write"
    assert placed.services["gateway"] == {
        "image": {"tag": f"{environment}-latest", "rollout": "adopted"},
        "resources": {"limits": {"cpu": "2"}},
        "probes": {"type": "tcp"},
        "metrics": None,
        "ingress": {
            "paths": [{"type": "ImplementationSpecific"}],
            "tls": {"source": "secret", "secretName": "example-com-tls"},
            "healthCheck": None,
            "drainSeconds": None,
            "readinessGate": False,
        },
        "annotations": {"redeploy-timestamp": "1724750000123"},
        "selectorLabels": {"app": "gateway"},
    }
    assert placed.services["file"]["service"] == {"port": 9090, "portName": "upload", "name": "file-svc"}
    assert placed.services["exam"]["autoscaler"] == {"minReplicas": 3, "maxReplicas": 6}
    assert result.settings.services["oauth2"].eip is not None


def test_catalogue_defaults_and_entries_together_are_the_inferred_settings() -> None:
    result = inferred(guide())
    placed = entries(result.services, CATALOGUE_VALUES, None)
    values: Any = {**standing_in(result.sections), "serviceDefaults": placed.defaults, "services": placed.services}
    loaded = load(Source("uat", values, {}, YamlFile("stack", {})), read_yaml(CATALOGUE), secrets="generated")
    assert loaded == result.settings


def test_what_is_around_the_services_is_given() -> None:
    sections = inferred(guide()).sections
    assert sections["environment"] == {
        "name": "uat",
        "dataDir": "/product/{environment}/{service}",
        "namespace": {"ownership": "given", "podSecurity": "privileged"},
        "hostSuffix": "uat.example.com",
        "quota": {"ownership": "given", "name": "uat-quota"},
        "limitRange": {"ownership": "given", "name": "uat-limits"},
        "pullSecret": {"ownership": "given", "name": "acr-credentials"},
    }
    assert sections["nas"] == {"volume": {"ownership": "given", "claim": "uat-nas"}}
    assert sections["registry"] == {"repository": "registry-vpc.cn-hangzhou.aliyuncs.com/example"}
    assert sections["alb"]["ingressClass"] == "alb"
    assert [each["port"] for each in sections["alb"]["listeners"]] == [80, 443, 8000, 9102]
    assert sections["addons"]["extendNetworkController"] == {"ownership": "given"}


def test_what_the_cluster_does_not_tell_is_a_placeholder_that_every_check_refuses() -> None:
    result = inferred(guide())
    cluster = result.sections["cluster"]
    assert (cluster["region"], cluster["version"], cluster["network"]) == ("cn-hangzhou", "1.36", "terway")
    values: Any = {**result.sections, "services": result.services}
    catalogue = YamlFile("services.yaml", dict.fromkeys(result.services))
    with pytest.raises(ValueError, match=r"fill in") as refused:
        load(Source("uat", values, {}, YamlFile("Pulumi.uat.yaml", {})), catalogue, secrets="generated")
    asked = {each.subject for each in result.findings if each.outcome == "to be filled in"}
    assert asked == {
        "cluster.id",
        "cluster.vpc",
        "cluster.vSwitches[0].id",
        "cluster.vSwitches[0].zone",
        "cluster.vSwitches[0].cidr",
    }
    assert all(name in str(refused.value) for name in asked)


def test_the_nodes_say_the_region_and_the_zones() -> None:
    zones = ("cn-hangzhou-k", "cn-hangzhou-h", "cn-hangzhou-k")
    region, zone = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
    nodes = tuple(
        {"kind": "Node", "metadata": {"name": f"n{number}", "labels": {region: "cn-hangzhou", zone: each}}}
        for number, each in enumerate(zones)
    )
    placed = dataclasses.replace(snapshot(guide()), nodes=nodes)
    result = infer(placed, Known("uat"), CATALOGUE_VALUES)
    cluster = result.sections["cluster"]
    assert cluster["region"] == "cn-hangzhou"
    assert [each["zone"] for each in cluster["vSwitches"]] == ["cn-hangzhou-h", "cn-hangzhou-k"]
    told = [each.note for each in result.findings if each.subject == "3 nodes"]
    assert told == ["their labels say cluster.region and the zones of cluster.vSwitches"]


def test_what_is_told_by_options_is_no_placeholder() -> None:
    switch = VSwitch("vsw-1", "cn-hangzhou-h", "10.1.0.0/20")
    known = Known("uat", cluster_id="c" + 32 * "1", vpc="vpc-1", v_switches=(switch,), nacos_version="1.x")
    result = inferred(guide(), known)
    assert [each for each in result.findings if each.outcome == "to be filled in"] == []
    assert result.sections["cluster"]["vSwitches"] == [{"id": "vsw-1", "zone": "cn-hangzhou-h", "cidr": "10.1.0.0/20"}]
    assert result.sections["nacos"] == {"address": "10.3.0.10:8848", "version": "1.x"}


def test_a_network_that_nothing_tells_is_asked_for_since_objects_depend_on_it() -> None:
    objects = [each for each in guide() if each["kind"] != "Ingress"]
    with pytest.raises(AdoptError, match="--network terway or --network flannel"):
        inferred(objects)
    assert inferred(objects, Known("uat", network="flannel")).sections["cluster"]["network"] == "flannel"


@pytest.mark.parametrize("version", ["v1.27.3-aliyun.1", "v1.37.0"])
def test_a_version_that_is_not_supported_is_refused_with_those_that_are(version: str) -> None:
    with pytest.raises(AdoptError, match=rf"{version}; it must be a Kubernetes version from 1\.28 to 1\.36"):
        infer(snapshot(guide(), version), Known("uat"), CATALOGUE_VALUES)


def test_options_that_the_program_would_write_itself_become_settings() -> None:
    objects = guide()
    values = {
        "JVM_OPTIONS_BASE": "-XX:MaxRAMPercentage=50.0 -XX:MaxMetaspaceSize=256m -XX:ReservedCodeCacheSize=96m"
        " -XX:MaxDirectMemorySize=64m -Xss512k -XX:+ExitOnOutOfMemoryError -XX:+UseG1GC",
        "SYSTEM_OPTIONS": "-Dserver.port=80 -Dfile.encoding=UTF-8 -Duser.timezone=Asia/Tokyo -Dx=y",
        "PROGRAM_PARAMS": "--spring.profiles.active=uat --spring.cloud.nacos.config.import-check.enabled=false"
        " --spring.config.additional-location=optional:file:/product/uat/exam/ --debug=true",
    }
    for each in container(objects, "exam")["env"]:
        each["value"] = values.get(each["name"], each["value"])
    exam = inferred(objects).settings.services["exam"]
    assert (exam.jvm.heap_percent, exam.jvm.metaspace_mi, exam.jvm.options) == (50, 256, ("-XX:+UseG1GC",))
    assert (exam.time_zone, exam.system_options, exam.program_params) == ("Asia/Tokyo", ("-Dx=y",), ("--debug=true",))


def test_further_variables_become_settings_but_no_secret_does() -> None:
    objects = guide()
    secret = {"secretKeyRef": {"name": "database", "key": "password"}}
    container(objects, "exam")["env"] += [
        {"name": "FEATURE_X", "value": "on"},
        {"name": "DB_PASSWORD", "value": "hunter2hunter2"},
        {"name": "REDIS_PASSWORD", "valueFrom": secret},
        {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ]
    result = inferred(objects)
    assert result.settings.services["exam"].env == {"FEATURE_X": "on"}
    assert result.settings.services["exam"].env_from_secrets == {"REDIS_PASSWORD": "database/password"}
    assert "hunter2" not in str((result.sections, result.services, result.findings))


def test_a_setting_that_the_rules_refuse_is_left_to_the_patch_and_told_with_the_rule() -> None:
    objects = guide()
    container(objects, "study")["imagePullPolicy"] = "IfNotPresent"
    container(objects, "study")["resources"]["limits"]["memory"] = "1610612736"
    result = inferred(objects)
    assert result.settings.services["study"].image_pull_policy is None
    told = {(each.subject, each.field): each.note for each in result.findings if each.outcome == "not expressible"}
    assert "must be Always with a moving tag" in told["services.study", "imagePullPolicy"]
    assert "must be memory with the suffix Mi or Gi" in told["services.study", "resources.limits.memory"]


def test_an_image_of_another_environment_is_left_to_the_patch() -> None:
    objects = guide()
    container(objects, "study")["image"] = "registry-vpc.cn-hangzhou.aliyuncs.com/example/study:test-latest"
    result = inferred(objects)
    assert result.services["study"]["image"] == {"tag": "adopted"}
    assert ("services.study", "image.tag") in {(each.subject, each.field) for each in result.findings}


def test_names_that_differ_from_the_services_are_kept() -> None:
    objects = guide()
    deployment = found(objects, "Deployment", "exam")
    deployment["metadata"]["name"] = "uat-exam"
    container(objects, "uat-exam")["name"] = "app"
    scaler = found(objects, "HorizontalPodAutoscaler", "exam")
    scaler["metadata"]["name"] = "exam-hpa"
    scaler["spec"]["scaleTargetRef"]["name"] = "uat-exam"
    names = inferred(objects).settings.services["exam"].names
    assert (names.deployment, names.container, names.autoscaler) == ("uat-exam", "app", "exam-hpa")


def test_a_service_that_the_catalogue_lacks_gets_an_entry_there() -> None:
    objects = guide()
    deployment = found(objects, "Deployment", "study")
    deployment["metadata"]["name"] = "lessons"
    placed = entries(inferred(objects).services, CATALOGUE_VALUES, None)
    assert placed.catalogue == {"lessons": {"executableJar": "product-micro-study-server-1.0-exec.jar"}}
    assert "executableJar" not in placed.services["lessons"]


def test_a_name_that_no_service_may_have_is_kept_and_told() -> None:
    objects = guide()
    found(objects, "Deployment", "study")["metadata"]["name"] = "9.lessons"
    result = inferred(objects)
    assert result.settings.services["svc-9-lessons"].names.deployment == "9.lessons"
    told = {(each.subject, each.field): each.note for each in result.findings if each.outcome == "adopted"}
    assert "it is svc-9-lessons in the stack" in told["Deployment/9.lessons", "metadata.name"]


def test_names_of_what_is_given_may_be_any_of_kubernetes() -> None:
    objects = guide()
    found(objects, "ResourceQuota", "uat-quota")["metadata"]["name"] = "aliyun.uat.quota"
    assert inferred(objects).sections["environment"]["quota"]["name"] == "aliyun.uat.quota"


def test_a_deployment_that_finds_its_pods_by_expressions_is_refused_by_name() -> None:
    objects = guide()
    selector = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["study"]}]}
    found(objects, "Deployment", "study")["spec"]["selector"] = selector
    with pytest.raises(AdoptError, match=r"Deployment/study finds its pods by matchExpressions.*--leave study"):
        inferred(objects)


def test_a_service_that_helm_keeps_is_left_alone_and_its_deployment_adopted() -> None:
    objects = guide()
    service = found(objects, "Service", "file-svc")
    service["metadata"]["annotations"] = {"meta.helm.sh/release-name": "shop"}
    result = inferred(objects)
    assert result.settings.services["file"].service is None
    assert Finding("left alone", "Service/file-svc", note="kept by Helm, release shop") in result.findings


def test_a_namespace_that_the_rules_refuse_is_refused_and_no_other_is_meant() -> None:
    objects = guide()
    found(objects, "Namespace", "uat")["metadata"]["name"] = "kube-uat"
    with pytest.raises(AdoptError, match="must be a namespace of your own"):
        inferred(objects)


def test_two_deployments_for_one_service_are_refused_by_name_until_one_is_left_alone() -> None:
    objects = guide()
    second = found(guide(), "Deployment", "gateway")
    second["metadata"]["name"] = "uat-gateway"
    objects.append(second)
    with pytest.raises(AdoptError) as refused:
        inferred(objects)
    assert "the service gateway has several Deployments: gateway, uat-gateway" in str(refused.value)
    assert "Service/gateway leads to several Deployments: gateway, uat-gateway" in str(refused.value)
    assert "--leave uat-gateway" in str(refused.value)
    result = inferred(objects, Known("uat", leave=("uat-gateway",)))
    assert Finding("left alone", "Deployment/uat-gateway", note="as --leave says") in result.findings


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({"annotations": {"meta.helm.sh/release-name": "shop"}}, "Helm, release shop"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux, Kustomization apps"),
        ({"managedFields": [{"manager": "pulumi-kubernetes-1a2b3c4d"}]}, "another Pulumi program"),
    ],
)
def test_a_deployment_that_somebody_else_keeps_is_refused_by_name(metadata: dict[str, Any], owner: str) -> None:
    objects = guide()
    deployment = found(objects, "Deployment", "exam")
    deployment["metadata"] = deep_merge(deployment["metadata"], metadata)
    with pytest.raises(AdoptError, match=rf"Deployment/exam is kept by {owner}.*--leave exam"):
        inferred(objects)


def test_what_this_program_owns_is_nobody_elses() -> None:
    objects = guide()
    for each in objects:
        if each["kind"] == "Deployment":
            each["metadata"]["annotations"]["pulumi.com/patchFieldManager"] = "ack-platform"
            each["metadata"]["managedFields"] = [{"manager": "ack-platform", "operation": "Apply", "fieldsV1": {}}]
    assert len(inferred(objects).services) == 7


def test_a_stack_name_that_is_no_environments_is_refused() -> None:
    with pytest.raises(AdoptError, match='"Production!" cannot be the name of this stack'):
        inferred(guide(), Known("Production!"))


def test_a_stack_of_several_words_gets_the_environment_of_its_namespace() -> None:
    assert inferred(guide(), Known("shop-uat")).settings.environment.name == "uat"


def test_what_the_stack_file_says_already_stands_and_what_it_contradicts_is_told() -> None:
    stated = {"environment": {"hostSuffix": "example.com"}, "services": {"exam": {"revisionHistory": 3}}}
    result = inferred(guide(), None, **stated)
    assert result.settings.environment.host_suffix == "example.com"
    assert result.settings.services["exam"].revision_history == 3
    assert result.contradictions["exam"] == ["revisionHistory"]
    told = {each.field: each.note for each in result.findings if each.subject == "the stack"}
    assert "the stack file says example.com, and the cluster uat.example.com" in told["environment.hostSuffix"]


def test_every_inferred_entry_is_a_service() -> None:
    for entry in inferred(guide()).services.values():
        assert service_model(entry).security_profile == "legacy"


def test_a_region_that_the_registry_is_not_in_is_refused_with_that_rule() -> None:
    with pytest.raises(AdoptError, match=r"registry\.repository: must be in cluster\.region, cn-beijing"):
        inferred(guide(), Known("uat", region="cn-beijing"))


def test_an_ingress_that_is_not_the_albs_is_left_alone_with_its_controller() -> None:
    objects = guide()
    nginx = {"kind": "IngressClass", "metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}}
    spec = found(objects, "Ingress", "admin")["spec"]
    del spec["ingressClassName"]
    found(objects, "Ingress", "admin")["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx"
    result = inferred([*objects, nginx])
    assert result.settings.services["admin"].ingress is None
    note = "served by k8s.io/ingress-nginx: the platform's Ingresses are the ALB's"
    assert Finding("left alone", "Ingress/admin", note=note) in result.findings
