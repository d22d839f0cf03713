"""The cluster of the sandbox: what it fills in, what it replaces, what it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud.wire import UNKNOWN, Secret, decode, encode, reveal
from tests.sandbox.cloud_client import CLUSTER, Cloud, RefusedError, deployment, ingress, served, service

DEPLOYMENT, SERVICE, INGRESS = "apps/v1:Deployment", "core/v1:Service", "networking.k8s.io/v1:Ingress"
ALB_CONFIG = "alibabacloud.com/v1:AlbConfig"


@pytest.fixture
def cloud(planted: Path) -> Iterator[Cloud]:
    with served(planted) as running:
        yield running


def test_a_namespace_is_active_and_its_id_is_its_name(cloud: Cloud) -> None:
    identity, outputs = cloud.create("core/v1:Namespace", {"metadata": {"name": "uat"}})
    assert identity == "uat"
    assert outputs["status"] == {"phase": "Active"}
    assert len(outputs["metadata"]["uid"]) == 36


def test_a_namespaced_object_has_both_names_in_its_id(cloud: Cloud) -> None:
    assert cloud.create(SERVICE, service())[0] == "prod/gateway"


def test_the_same_object_twice_is_refused_but_not_in_preview(cloud: Cloud) -> None:
    cloud.create(DEPLOYMENT, deployment())
    with pytest.raises(RefusedError, match=r'deployments\.apps "gateway" already exists'):
        cloud.create(DEPLOYMENT, deployment())
    cloud.kubernetes.create(DEPLOYMENT, deployment(), preview=True)


def test_an_object_in_a_namespace_that_is_not_there_is_refused_but_not_in_preview(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match='namespaces "nowhere" not found'):
        cloud.create(SERVICE, service(namespace="nowhere"))
    cloud.kubernetes.create(SERVICE, service(namespace="nowhere"), preview=True)


def test_deleting_a_namespace_deletes_what_is_in_it(cloud: Cloud) -> None:
    cloud.create("core/v1:Namespace", {"metadata": {"name": "uat"}})
    cloud.create(SERVICE, service(namespace="uat"))
    cloud.kubernetes.delete("core/v1:Namespace", "uat")
    assert cloud.kubernetes.read(SERVICE, "uat/gateway").id == ""


def test_a_deployment_reports_its_replicas_ready(cloud: Cloud) -> None:
    _, outputs = cloud.create(DEPLOYMENT, deployment(replicas=3))
    assert outputs["status"]["readyReplicas"] == 3


def test_a_deployment_without_replicas_runs_one_pod_and_its_inputs_stay_without(cloud: Cloud) -> None:
    inputs = deployment()
    del inputs["spec"]["replicas"]
    _, outputs = cloud.create(DEPLOYMENT, inputs)
    assert outputs["status"]["readyReplicas"] == 1
    assert "replicas" not in outputs["spec"]


def test_required_fields_are_named_by_check(cloud: Cloud) -> None:
    _, failures = cloud.kubernetes.check(DEPLOYMENT, {"metadata": {"name": "x"}, "spec": {}})
    assert sorted(failures) == ["spec.selector", "spec.template.spec"]


def test_a_required_field_that_preview_does_not_know_yet_is_no_failure(cloud: Cloud) -> None:
    _, failures = cloud.kubernetes.check(DEPLOYMENT, {"metadata": {"name": "x"}, "spec": UNKNOWN})
    assert failures == {}


def test_a_missing_name_is_made_up_and_a_missing_namespace_is_the_providers(cloud: Cloud) -> None:
    cloud.kubernetes.configure(namespace="prod")
    inputs, _ = cloud.kubernetes.check(SERVICE, {"spec": {"ports": [{"port": 80}]}})
    assert inputs["metadata"]["namespace"] == "prod"
    assert inputs["metadata"]["name"].startswith("it-")
    assert inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}


def test_a_missing_name_is_an_error_where_the_stack_switches_made_up_names_off(cloud: Cloud) -> None:
    _, failures = cloud.kubernetes.check(SERVICE, service(name=""), autonaming={"mode": "DISABLE"})
    assert failures == {"metadata.name": "autonaming is disabled, resource requires the .metadata.name field to be set"}
    inputs, _ = cloud.kubernetes.check(SERVICE, service(name=""), autonaming={"proposed_name": "it-1"})
    assert inputs["metadata"]["name"] == "it-1"


def test_a_selector_that_does_not_choose_its_own_pods_is_refused(cloud: Cloud) -> None:
    wrong = deployment(selector={"matchLabels": {"app": "other"}})
    with pytest.raises(RefusedError, match="`selector` does not match template `labels`"):
        cloud.create(DEPLOYMENT, wrong)


def test_equal_inputs_are_no_difference(cloud: Cloud) -> None:
    assert cloud.kubernetes.diff(DEPLOYMENT, deployment(), deployment()).changes == 1


def test_a_changed_image_is_one_change_at_its_exact_path(cloud: Cloud) -> None:
    found = cloud.kubernetes.diff(DEPLOYMENT, deployment(), deployment(container={"image": "registry/app:2"}))
    assert list(found.detailedDiff) == ["spec.template.spec.containers[0].image"]
    assert list(found.replaces) == []


def test_a_label_with_dots_is_quoted_in_its_path(cloud: Cloud) -> None:
    old, new = service(), service()
    new["metadata"]["labels"] = {"app.kubernetes.io/name": "x"}
    old["metadata"]["labels"] = {"app.kubernetes.io/name": "y"}
    assert list(cloud.kubernetes.diff(SERVICE, old, new).detailedDiff) == ['metadata.labels["app.kubernetes.io/name"]']


def test_ignored_changes_are_no_changes(cloud: Cloud) -> None:
    new = deployment(container={"image": "registry/app:2"})
    assert cloud.kubernetes.diff(DEPLOYMENT, deployment(), new, ignore=["spec.template"]).changes == 1


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (DEPLOYMENT, "spec.selector"),
        (SERVICE, "spec.clusterIP"),
        ("core/v1:PersistentVolumeClaim", "spec.accessModes"),
        ("core/v1:PersistentVolumeClaim", "spec.selector"),
        ("core/v1:PersistentVolumeClaim", "spec.storageClassName"),
        ("core/v1:PersistentVolumeClaim", "spec.volumeName"),
        ("core/v1:PersistentVolume", "spec.csi"),
        ("core/v1:ConfigMap", "data"),
        ("core/v1:Secret", "data"),
        ("core/v1:Secret", "stringData"),
        ("rbac.authorization.k8s.io/v1:RoleBinding", "roleRef"),
        ("networking.k8s.io/v1:IngressClass", "spec.controller"),
        ("core/v1:Service", "metadata.name"),
        ("core/v1:Service", "metadata.namespace"),
        (ALB_CONFIG, "metadata.name"),
    ],
)
def test_an_immutable_field_replaces_the_object(cloud: Cloud, kind: str, path: str) -> None:
    def inputs(value: str) -> dict[str, object]:
        top, _, name = path.partition(".")
        metadata = {"name": "x", "namespace": "prod"} if kind != ALB_CONFIG else {"name": "x"}
        return {"metadata": metadata, top: {**(metadata if top == "metadata" else {}), (name or "a"): value}}

    found = cloud.kubernetes.diff(kind, inputs("one"), inputs("two"))
    assert [replaced.startswith(path) for replaced in found.replaces] == [True]
    assert found.deleteBeforeReplace == (not path.startswith("metadata"))


def test_config_maps_and_secrets_are_changed_in_place_when_the_provider_says_so(cloud: Cloud) -> None:
    cloud.kubernetes.configure(enableConfigMapMutable="true", enableSecretMutable="true")
    for kind in ("core/v1:ConfigMap", "core/v1:Secret"):
        old, new = ({"metadata": {"name": "x"}, "data": {"a": value}} for value in "12")
        assert cloud.kubernetes.replaces(kind, old, new) == []


def test_an_update_keeps_the_status_in_preview(cloud: Cloud) -> None:
    _, outputs = cloud.create(SERVICE, service())
    planned = cloud.kubernetes.update(SERVICE, "prod/gateway", service(), service(), preview=True, olds=encode(outputs))
    assert planned["status"] == outputs["status"]
    assert planned["metadata"]["uid"] == outputs["metadata"]["uid"]


def test_an_update_of_a_vanished_object_is_refused(cloud: Cloud) -> None:
    with pytest.raises(
        RefusedError, match=r'update of resource "urn:.*" failed: deployments\.apps "gateway" not found'
    ):
        cloud.kubernetes.update(DEPLOYMENT, "prod/gateway", deployment(), deployment(replicas=3))


def test_deleting_what_is_gone_is_no_error(cloud: Cloud) -> None:
    cloud.kubernetes.delete(SERVICE, "prod/nothing")


def test_reading_what_is_missing_gives_an_empty_id(cloud: Cloud) -> None:
    assert cloud.kubernetes.read("core/v1:PersistentVolumeClaim", "prod/nothing").id == ""


@pytest.mark.parametrize(
    ("kind", "identity"),
    [
        ("core/v1:Namespace", "prod"),
        ("core/v1:ResourceQuota", "prod/prod-quota"),
        ("core/v1:LimitRange", "prod/prod-limits"),
        ("core/v1:Secret", "prod/acr-credentials"),
        ("core/v1:PersistentVolumeClaim", "prod/prod-nas"),
        ("networking.k8s.io/v1:IngressClass", "alb"),
        ("apiextensions.k8s.io/v1:CustomResourceDefinition", "albconfigs.alibabacloud.com"),
        ("apiextensions.k8s.io/v1:CustomResourceDefinition", "podeips.alibabacloud.com"),
    ],
)
def test_what_the_existing_cluster_is_given_can_be_read(cloud: Cloud, kind: str, identity: str) -> None:
    assert cloud.kubernetes.read(kind, identity).id == identity


def test_a_cluster_ip_is_given_and_stays(cloud: Cloud) -> None:
    _, first = cloud.create(SERVICE, service())
    second = cloud.kubernetes.update(SERVICE, "prod/gateway", service(), service(sessionAffinity="ClientIP"))
    assert first["spec"]["clusterIP"] == second["spec"]["clusterIP"]
    assert first["spec"]["clusterIP"].startswith("172.16.")


def test_a_headless_service_stays_headless(cloud: Cloud) -> None:
    assert cloud.create(SERVICE, service(clusterIP="None"))[1]["spec"]["clusterIP"] == "None"


def test_a_node_port_service_gets_a_node_port(cloud: Cloud) -> None:
    _, outputs = cloud.create(SERVICE, service(type="NodePort"))
    assert 30000 <= outputs["spec"]["ports"][0]["nodePort"] <= 32767


def phase_of_volume(cloud: Cloud, name: str) -> object:
    return decode(cloud.kubernetes.read("core/v1:PersistentVolume", name).properties)["status"]["phase"]


def test_a_claim_without_its_volume_does_not_bind_and_binds_once_it_is_there(cloud: Cloud) -> None:
    claim = {
        "metadata": {"name": "nas", "namespace": "prod"},
        "spec": {"accessModes": ["RWX"], "volumeName": "nas", "resources": {"requests": {"storage": "1Gi"}}},
    }
    with pytest.raises(RefusedError, match='volume "nas" not found') as refused:
        cloud.create("core/v1:PersistentVolumeClaim", claim)
    assert refused.value.failed.id == "prod/nas"
    volume = {"metadata": {"name": "nas"}, "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["RWX"]}}
    cloud.create("core/v1:PersistentVolume", volume)
    outputs = cloud.kubernetes.update("core/v1:PersistentVolumeClaim", "prod/nas", claim, claim)
    assert outputs["status"]["phase"] == "Bound"
    assert phase_of_volume(cloud, "nas") == "Bound"
    cloud.kubernetes.delete("core/v1:PersistentVolumeClaim", "prod/nas")
    assert phase_of_volume(cloud, "nas") == "Released"


def test_a_volume_is_bound_by_one_claim_only(cloud: Cloud) -> None:
    claim = {
        "metadata": {"name": "second", "namespace": "prod"},
        "spec": {"accessModes": ["RWX"], "volumeName": "prod-nas", "resources": {"requests": {"storage": "1Gi"}}},
    }
    with pytest.raises(RefusedError, match='FailedBinding: volume "prod-nas" already bound to a different claim'):
        cloud.create("core/v1:PersistentVolumeClaim", claim)


def test_a_claim_that_pods_use_is_not_deleted(cloud: Cloud) -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "prod-nas"}}
    cloud.create(DEPLOYMENT, deployment(pod={"volumes": [volume]}))
    with pytest.raises(RefusedError, match="pvc-protection"):
        cloud.kubernetes.delete("core/v1:PersistentVolumeClaim", "prod/prod-nas")
    cloud.kubernetes.delete(DEPLOYMENT, "prod/gateway")
    cloud.kubernetes.delete("core/v1:PersistentVolumeClaim", "prod/prod-nas")


@pytest.mark.parametrize(
    ("pod", "text"),
    [
        ({"serviceAccountName": "gateway"}, 'serviceaccount "gateway" not found'),
        ({"imagePullSecrets": [{"name": "acr"}]}, r"Unable to retrieve some image pull secrets \(acr\)"),
        (
            {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "x"}}]},
            'persistentvolumeclaim "x" not found',
        ),
        ({"volumes": [{"name": "d", "configMap": {"name": "x"}}]}, 'configmap "x" not found'),
        ({"initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "x"}}]}]}, 'secret "x" not found'),
    ],
)
def test_pods_that_name_what_is_missing_do_not_start(cloud: Cloud, pod: dict[str, object], text: str) -> None:
    with pytest.raises(RefusedError, match=text) as refused:
        cloud.create(DEPLOYMENT, deployment(pod=pod))
    assert refused.value.failed.id == "prod/gateway"
    assert cloud.kubernetes.read(DEPLOYMENT, "prod/gateway").id == "prod/gateway"


def test_pods_beyond_the_quota_are_refused_with_what_is_used(cloud: Cloud) -> None:
    limits = {"resources": {"limits": {"cpu": "8", "memory": "1Gi"}}}
    cloud.create(DEPLOYMENT, deployment("first", container=limits))
    with pytest.raises(RefusedError) as refused:
        cloud.create(DEPLOYMENT, deployment("second", replicas=3, container=limits))
    assert "exceeded quota: prod-quota" in str(refused.value)
    assert "requested: limits.cpu=8, used: limits.cpu=32, limited: limits.cpu=32" in str(refused.value)


def test_a_rollout_needs_quota_for_its_surge(cloud: Cloud) -> None:
    limits = {"resources": {"limits": {"cpu": "16", "memory": "1Gi"}}}
    old = deployment(container=limits)
    cloud.create(DEPLOYMENT, old)
    new = deployment(container={**limits, "image": "registry/app:2"})
    with pytest.raises(RefusedError, match=r"requested: limits\.cpu=16, used: limits\.cpu=32"):
        cloud.kubernetes.update(DEPLOYMENT, "prod/gateway", old, new)


def test_a_limit_range_gives_limits_to_containers_without(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match=r"requested: limits\.cpu=1, used: limits\.cpu=32"):
        cloud.create(DEPLOYMENT, deployment(replicas=40))


def test_a_quota_demands_a_limit_where_no_limit_range_gives_one(cloud: Cloud) -> None:
    cloud.kubernetes.delete("core/v1:LimitRange", "prod/prod-limits")
    with pytest.raises(
        RefusedError, match=r"failed quota: prod-quota: must specify limits\.cpu for: app; limits\.memory for: app"
    ):
        cloud.create(DEPLOYMENT, deployment())


def test_an_ingress_gets_the_dns_name_of_its_class(cloud: Cloud) -> None:
    cloud.create(SERVICE, service())
    _, outputs = cloud.create(INGRESS, ingress())
    (address,) = outputs["status"]["loadBalancer"]["ingress"]
    assert address == {"hostname": "alb-exampleprod000001.cn-hangzhou.alb.aliyuncs.com"}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"ingressClassName": "missing"}, r'ingressclasses\.networking\.k8s\.io "missing" not found'),
        ({"ingressClassName": ""}, "no ingress class"),
        ({"tls": [{"hosts": ["example.com"], "secretName": "cert"}]}, 'secret "prod/cert" of spec.tls not found'),
        (
            {"annotations": {"alb.ingress.kubernetes.io/listen-ports": '[{"HTTPS": 9443}]'}},
            "listener is not exist in alb, port: 9443 protocol: HTTPS",
        ),
    ],
)
def test_an_ingress_that_the_controller_cannot_serve_says_why(cloud: Cloud, changes: dict[str, Any], text: str) -> None:
    cloud.create(SERVICE, service())
    with pytest.raises(RefusedError, match=text):
        cloud.create(INGRESS, ingress(**changes))


def test_an_ingress_without_its_service_says_so(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match='service "prod/gateway" not found'):
        cloud.create(INGRESS, ingress())


def test_what_an_ingress_uses_is_not_deleted_before_it(cloud: Cloud) -> None:
    cloud.create(SERVICE, service())
    cloud.create(INGRESS, ingress())
    with pytest.raises(RefusedError, match="denied the request: gateway is still used by ingress gateway"):
        cloud.kubernetes.delete(SERVICE, "prod/gateway")
    with pytest.raises(RefusedError, match=r"deletion \(ingress\.k8s\.alibaba/resources\)"):
        cloud.kubernetes.delete(ALB_CONFIG, "alb")
    cloud.kubernetes.delete(INGRESS, "prod/gateway")
    cloud.kubernetes.delete(SERVICE, "prod/gateway")
    cloud.kubernetes.delete(ALB_CONFIG, "alb")


def test_an_alb_config_by_id_reports_that_alb(cloud: Cloud) -> None:
    spec = {"config": {"id": "alb-exampleuat0000001"}, "listeners": [{"port": 443, "protocol": "HTTPS"}]}
    identity, outputs = cloud.create(ALB_CONFIG, {"metadata": {"name": "uat"}, "spec": spec})
    assert identity == "uat"
    assert outputs["status"]["loadBalancer"] == {
        "id": "alb-exampleuat0000001",
        "dnsname": "alb-exampleuat0000001.cn-hangzhou.alb.aliyuncs.com",
        "listeners": [{"portAndProtocol": "443/HTTPS"}],
    }


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        ("alb-missing", "load balancer alb-missing is not found"),
        ("alb-exampleprod000001", "reused by AlbConfig alb already"),
    ],
)
def test_an_alb_config_on_an_alb_it_cannot_have_is_not_ready(cloud: Cloud, identity: str, text: str) -> None:
    with pytest.raises(RefusedError, match=text):
        cloud.create(ALB_CONFIG, {"metadata": {"name": "second"}, "spec": {"config": {"id": identity}}})


def test_an_alb_config_without_an_id_makes_an_alb_and_takes_it_away(cloud: Cloud) -> None:
    _, outputs = cloud.create(ALB_CONFIG, {"metadata": {"name": "own"}, "spec": {"listeners": []}})
    identity = outputs["status"]["loadBalancer"]["id"]
    assert cloud.alicloud.invoke("alb/getLoadBalancers", ids=[identity])["ids"] == [identity]
    cloud.kubernetes.delete(ALB_CONFIG, "own")
    assert cloud.alicloud.invoke("alb/getLoadBalancers", ids=[identity])["ids"] == []


def test_without_its_add_on_the_cluster_knows_no_alb_config(bare: Path) -> None:
    config = {"apiVersion": "alibabacloud.com/v1", "kind": "AlbConfig", "metadata": {"name": "uat"}, "spec": {}}
    with served(bare) as cloud:
        with pytest.raises(RefusedError, match=r'no matches for kind "AlbConfig" in version "alibabacloud.com/v1"'):
            cloud.kubernetes.create(ALB_CONFIG, config)
        cloud.kubernetes.create(ALB_CONFIG, config, preview=True)
        cloud.alicloud.create(
            "cs/kubernetesAddon:KubernetesAddon", {"clusterId": CLUSTER, "name": "alb-ingress-controller"}
        )
        assert cloud.kubernetes.create(ALB_CONFIG, config)[0] == "uat"


def test_a_helm_release_is_deployed_once_and_brings_its_definitions(bare: Path) -> None:
    release = {"chart": "oci://registry/ack-extend-network-controller", "name": "eip", "namespace": "kube-system"}
    with served(bare) as cloud:
        identity, outputs = cloud.kubernetes.create("helm.sh/v3:Release", release)
        assert identity == "kube-system/eip"
        assert outputs["status"]["status"] == "deployed"
        with pytest.raises(RefusedError, match="cannot re-use a name that is still in use"):
            cloud.kubernetes.create("helm.sh/v3:Release", release)
        found = cloud.kubernetes.read("apiextensions.k8s.io/v1:CustomResourceDefinition", "podeips.alibabacloud.com")
        assert found.id == "podeips.alibabacloud.com"
        again = cloud.kubernetes.update("helm.sh/v3:Release", identity, release, {**release, "values": {"a": 1}})
        assert again["status"]["revision"] == 2


def test_the_values_of_a_secret_come_back_as_secrets_even_when_they_came_plain(cloud: Cloud) -> None:
    inputs = {"metadata": {"name": "s", "namespace": "prod"}, "stringData": {"password": "canary"}}
    _, outputs = cloud.create("core/v1:Secret", inputs)
    assert outputs["stringData"] == Secret({"password": "canary"})
    assert outputs["data"] == Secret({"password": "Y2FuYXJ5"})
    _, planned = cloud.kubernetes.create("core/v1:Secret", {"kind": "Secret", **inputs}, preview=True)
    assert isinstance(planned["stringData"], Secret)


def test_the_contents_hold_no_secret_value(cloud: Cloud) -> None:
    cloud.create("core/v1:Secret", {"metadata": {"name": "s", "namespace": "prod"}, "stringData": {"p": "canary"}})
    env = [{"name": "P", "value": Secret("canary")}, {"name": "Q", "value": "visible"}]
    cloud.create(DEPLOYMENT, deployment(container={"env": env}))
    whole = deployment("other")
    whole["spec"]["template"] = Secret({**whole["spec"]["template"], "note": "canary"})
    cloud.create(DEPLOYMENT, whole)
    cloud.contents.close()
    text = cloud.path.read_text(encoding="utf-8")
    assert "visible" in text
    assert "canary" not in text
    assert "Y2FuYXJ5" not in text


def test_a_refresh_of_an_unchanged_secret_gives_the_value_the_engine_holds(cloud: Cloud) -> None:
    inputs = {"kind": "Secret", "metadata": {"name": "s", "namespace": "prod"}, "stringData": Secret({"p": "canary"})}
    _, outputs = cloud.create("core/v1:Secret", inputs)
    read = cloud.kubernetes.read("core/v1:Secret", "prod/s", inputs, outputs)
    assert decode(read.properties)["data"] == outputs["data"]
    assert decode(read.inputs)["stringData"] == inputs["stringData"]
    unknown = decode(cloud.kubernetes.read("core/v1:Secret", "prod/s").properties)
    assert reveal(unknown["data"])["p"].startswith("sha256:")


def test_the_provider_is_replaced_by_another_cluster_only(cloud: Cloud) -> None:
    old = {"clusterIdentifier": "a", "kubeconfig": Secret("x")}
    assert list(cloud.kubernetes.config_diff(old, {**old, "clusterIdentifier": "b"}).replaces) == ["clusterIdentifier"]
    found = cloud.kubernetes.config_diff(old, {**old, "kubeconfig": Secret("y")})
    assert (found.changes, list(found.replaces), list(found.diffs)) == (2, [], ["kubeconfig"])
    assert cloud.kubernetes.config_diff(old, old).changes == 1


def test_an_object_that_makes_no_sense_is_refused_in_one_line(cloud: Cloud) -> None:
    wrong = ingress(rules=[{"host": "example.com", "http": {"paths": [{"path": "/"}]}}])
    with pytest.raises(RefusedError, match=r"Ingress is not well formed: KeyError.*backend"):
        cloud.create(INGRESS, wrong)


def test_a_kind_nobody_knows_is_refused(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match=r'no matches for kind "Widget" in version "example.com/v1"'):
        cloud.create("example.com/v1:Widget", {"metadata": {"name": "x"}})


def test_a_function_of_the_provider_is_refused_by_name(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match="kubernetes:yaml/decode:decode is not served by the sandbox"):
        cloud.kubernetes.invoke("yaml/decode", text="a: 1")
