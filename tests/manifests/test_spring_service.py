"""The objects of a service, row by row of the guide."""

import json

import pytest

from components.manifests.objects import objects_of
from tests.manifests.objects import app_of, env_of, pod_of
from tests.manifests.schemas import assert_valid
from tests.settings import REMOVED, settings

SERVICES = ("admin", "exam", "file", "gateway", "oauth2", "resource", "study")
ALB = "alb.ingress.kubernetes.io/"


def ingress_annotations(changes: dict[str, object]) -> dict[str, str]:
    changed = {f"services.gateway.ingress.{key}": value for key, value in changes.items()}
    annotations = objects_of(settings(changes=changed), "gateway")["ingress"]["metadata"]["annotations"]
    return {key.removeprefix(ALB): value for key, value in annotations.items() if key.startswith(ALB)}


@pytest.mark.parametrize("stack", ["test", "uat"])
@pytest.mark.parametrize("service", SERVICES)
def test_g10_every_object_of_a_service_carries_the_environment_label(stack: str, service: str) -> None:
    for role, manifest in objects_of(settings(stack), service).items():
        assert manifest["metadata"]["labels"]["env"] == stack, role
        assert manifest["metadata"]["namespace"] == stack, role
        assert manifest["metadata"]["annotations"]["pulumi.com/patchFieldManager"] == "ack-platform", role


def test_g10_deployment_service_and_pods_are_joined_by_two_constant_labels() -> None:
    objects = objects_of(settings(), "gateway")
    joined = {"app.kubernetes.io/name": "gateway", "app.kubernetes.io/instance": "uat"}
    assert objects["deployment"]["spec"]["selector"]["matchLabels"] == joined
    assert objects["service"]["spec"]["selector"] == joined
    assert objects["disruption-budget"]["spec"]["selector"]["matchLabels"] == joined
    labels = objects["deployment"]["spec"]["template"]["metadata"]["labels"]
    assert joined.items() <= labels.items()
    assert labels["env"] == "uat"


def test_g10_an_adopted_selector_and_adopted_names_are_kept() -> None:
    adopted = settings(
        changes={
            "services.gateway.selectorLabels": {"app": "gateway"},
            "services.gateway.names": {"deployment": "gateway-deployment", "container": "gateway-container"},
            "services.gateway.service": {"name": "gateway-svc", "port": 9000},
        }
    )
    objects = objects_of(adopted, "gateway")
    assert objects["deployment"]["spec"]["selector"]["matchLabels"] == {"app": "gateway"}
    assert objects["deployment"]["spec"]["template"]["metadata"]["labels"]["app"] == "gateway"
    assert objects["service"]["spec"]["selector"] == {"app": "gateway"}
    assert objects["deployment"]["metadata"]["name"] == "gateway-deployment"
    assert app_of(objects)["name"] == "gateway-container"
    backend = objects["ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "gateway-svc", "port": {"number": 9000}}
    assert objects["autoscaler"]["spec"]["scaleTargetRef"]["name"] == "gateway-deployment"


def test_g11_replicas_and_time_zone_without_a_host_path() -> None:
    objects = objects_of(settings(), "admin")
    assert objects["deployment"]["metadata"]["name"] == "admin"
    assert objects["deployment"]["spec"]["replicas"] == 2
    assert env_of(objects)["TZ"] == "Asia/Shanghai"
    assert "hostPath" not in json.dumps(objects["deployment"])


def test_g11_a_new_pod_comes_before_an_old_one_goes() -> None:
    spec = objects_of(settings(), "admin")["deployment"]["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    assert spec["minReadySeconds"] == 10


def test_g12_a_digest_decides_and_is_pulled_once_a_tag_is_asked_for_always() -> None:
    with_digest, with_tag = app_of(objects_of(settings(), "gateway")), app_of(objects_of(settings(), "admin"))
    assert with_digest["image"].endswith("/gateway:uat-1.4.0-3f2a9c1b-20261109T093000@sha256:" + "1" * 64)
    assert with_digest["imagePullPolicy"] == "IfNotPresent"
    assert with_tag["image"].endswith("/admin:uat-1.4.0-77e0c3f4-20261109T094500")
    assert with_tag["imagePullPolicy"] == "Always"
    assert pod_of(objects_of(settings(), "admin"))["imagePullSecrets"] == [{"name": "acr-credentials"}]


def test_g12_a_moving_tag_rolls_with_its_rollout_token_only() -> None:
    def template(token: str) -> object:
        moving = settings(changes={"services.admin.image": {"tag": "uat-latest", "rollout": token}})
        return objects_of(moving, "admin")["deployment"]["spec"]["template"]

    assert template("1") == template("1")
    assert template("1") != template("2")
    assert "ack-platform/rollout" in str(template("1"))
    assert "ack-platform/rollout" not in str(template("adopted")), "what is adopted would restart"


def test_g12_a_restart_changes_one_annotation_of_the_pod_template_and_nothing_else() -> None:
    before = {name: objects_of(settings(), name) for name in SERVICES}
    restarted = settings(changes={"services.admin.restartedAt": "2026-11-26T04:00:00Z"})
    after = {name: objects_of(restarted, name) for name in SERVICES}
    annotations = after["admin"]["deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert annotations.pop("kubectl.kubernetes.io/restartedAt") == "2026-11-26T04:00:00Z"
    assert after == before


def test_g13_requests_and_limits_and_port_80() -> None:
    container = app_of(objects_of(settings(), "exam"))
    assert container["resources"]["limits"] == {"memory": "4Gi", "ephemeral-storage": "2Gi"}
    assert container["resources"]["requests"] == {"cpu": "250m", "memory": "4Gi", "ephemeral-storage": "256Mi"}
    assert container["ports"] == [{"name": "http", "containerPort": 80, "protocol": "TCP"}]


def test_g14_the_guides_variables_follow_from_one_environment_name() -> None:
    env = env_of(objects_of(settings(), "oauth2"))
    assert env["ENVIRONMENT"] == "uat"
    assert env["DATA_DIR"] == "/product/uat/oauth2"
    assert env["APP_DIR"] == "/app"
    assert env["EXECUTABLE_JAR"] == "product-micro-oauth2-server-1.0-exec.jar"
    assert "-XX:MaxRAMPercentage=60.0" in env["JVM_OPTIONS_BASE"]
    assert "-Dserver.port=80 -Dfile.encoding=UTF-8 -Duser.timezone=Asia/Shanghai" in env["SYSTEM_OPTIONS"]
    assert env["PROGRAM_PARAMS"].split() == [
        "--spring.profiles.active=uat",
        "--spring.cloud.nacos.config.import-check.enabled=false",
        "--spring.config.additional-location=optional:file:/product/uat/oauth2/",
    ]
    assert env["SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE"] == "uat"


def test_g14_the_spring_profile_may_differ_from_the_environments_name() -> None:
    env = env_of(
        objects_of(
            settings(changes={"environment.springProfile": "preprod", "environment.imageProfile": "uat"}), "admin"
        )
    )
    assert env["ENVIRONMENT"] == "preprod"
    assert "--spring.profiles.active=preprod" in env["PROGRAM_PARAMS"]
    assert env["DATA_DIR"] == "/product/uat/admin"
    assert env["PROFILE"] == "uat"  # the start script compares it with what the image was built for
    assert "PROFILE" not in env_of(objects_of(settings(), "admin"))


def test_g14_own_variables_follow_those_from_secrets_which_they_may_use() -> None:
    changed = settings(
        changes={
            "services.admin.env": {"B": "2", "A": "jdbc:mysql://db/admin?password=$(DB_PASSWORD)"},
            "services.admin.envFromSecrets": {"DB_PASSWORD": "database/password"},
        }
    )
    env = app_of(objects_of(changed, "admin"))["env"]
    assert [entry["name"] for entry in env[-3:]] == ["DB_PASSWORD", "A", "B"]
    assert env[-3]["valueFrom"] == {"secretKeyRef": {"name": "database", "key": "password"}}


def test_g15_tcp_probes_are_the_default_with_a_startup_budget_instead_of_a_delay() -> None:
    container = app_of(objects_of(settings(), "exam"))
    assert container["startupProbe"] == {
        "tcpSocket": {"port": 80},
        "periodSeconds": 5,
        "failureThreshold": 84,
        "timeoutSeconds": 3,
    }
    assert container["readinessProbe"]["tcpSocket"] == container["livenessProbe"]["tcpSocket"] == {"port": 80}
    assert "initialDelaySeconds" not in json.dumps(container)


def test_g15_http_probes_ask_liveness_and_readiness_apart() -> None:
    container = app_of(objects_of(settings(), "gateway"))
    assert container["readinessProbe"]["httpGet"]["path"] == "/actuator/health/readiness"
    assert container["livenessProbe"]["httpGet"]["path"] == "/actuator/health/liveness"
    assert container["startupProbe"]["httpGet"]["path"] == "/actuator/health/liveness"


def test_g16_the_sidecar_is_native_and_both_pre_stops_take_the_drain_time() -> None:
    objects = objects_of(settings(), "admin")
    pod, sidecar = pod_of(objects), pod_of(objects)["initContainers"][0]
    assert sidecar["restartPolicy"] == "Always"
    assert sidecar["image"] == app_of(objects)["image"], "by default the service's own image"
    *_, verb, seconds = sidecar["readinessProbe"]["exec"]["command"]
    assert verb == "ready"
    assert int(seconds) < sidecar["readinessProbe"]["periodSeconds"] < sidecar["readinessProbe"]["timeoutSeconds"]
    assert sidecar["lifecycle"]["preStop"]["exec"]["command"][-1] == "offline"
    values = {entry["name"]: entry.get("value") for entry in sidecar["env"]}
    assert values["REGISTRATION_DRAIN_SECONDS"] == "15"
    assert values["REGISTRATION_SERVICE"] == "admin-server"
    assert app_of(objects)["lifecycle"] == {"preStop": {"sleep": {"seconds": 15}}}
    assert pod["terminationGracePeriodSeconds"] == 50


def test_g16_a_hidden_start_registers_offline() -> None:
    key = "SPRING_CLOUD_NACOS_DISCOVERY_INSTANCEENABLED"
    hidden = objects_of(settings(changes={"services.admin.registration.startHidden": True}), "admin")
    assert {"name": key, "value": "false"} in app_of(hidden)["env"]
    assert key not in {entry["name"] for entry in app_of(objects_of(settings(), "admin"))["env"]}


def test_g16_a_nacos_that_is_down_does_not_end_a_process_that_a_sidecar_watches() -> None:
    entry = {"name": "SPRING_CLOUD_NACOS_DISCOVERY_FAILFAST", "value": "false"}
    assert entry in app_of(objects_of(settings(), "admin"))["env"]
    for mode in ("hooks", "none"):
        changed = objects_of(settings(changes={"services.admin.registration.mode": mode}), "admin")
        assert entry not in app_of(changed)["env"]


def test_g16_before_1_30_the_drain_is_a_shells_sleep() -> None:
    objects = objects_of(settings(changes={"cluster.version": "1.29"}), "admin")
    assert app_of(objects)["lifecycle"]["preStop"]["exec"]["command"] == ["/bin/sh", "-c", "sleep 15"]


def test_g16_hooks_are_the_guides_pair_in_the_application_container() -> None:
    objects = objects_of(settings(changes={"services.admin.registration.mode": "hooks"}), "admin")
    assert "initContainers" not in pod_of(objects)
    assert app_of(objects)["lifecycle"]["postStart"]["exec"]["command"][-1] == "online"
    assert app_of(objects)["lifecycle"]["preStop"]["exec"]["command"][-1] == "offline"
    assert {"name": "registration", "mountPath": "/etc/registration", "readOnly": True} in app_of(objects)[
        "volumeMounts"
    ]


def test_g16_without_registration_there_is_no_script_only_the_drain() -> None:
    objects = objects_of(settings(changes={"services.admin.registration.mode": "none"}), "admin")
    assert "registration" not in objects
    assert "initContainers" not in pod_of(objects)
    assert app_of(objects)["lifecycle"] == {"preStop": {"sleep": {"seconds": 15}}}


def test_g16_the_script_reaches_pods_by_a_name_that_is_its_content() -> None:
    objects = objects_of(settings(), "admin")
    volume = next(volume for volume in pod_of(objects)["volumes"] if volume["name"] == "registration")
    assert volume["configMap"]["name"] == objects["registration"]["metadata"]["name"]
    assert objects["registration"]["immutable"] is True


def test_g17_the_claim_is_mounted_at_data_dir_under_the_same_path() -> None:
    objects = objects_of(settings(), "file")
    assert {"name": "data", "mountPath": "/product/uat/file", "subPath": "product/uat/file"} in app_of(objects)[
        "volumeMounts"
    ]
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "uat-nas"}} in pod_of(objects)["volumes"]


def test_g17_a_service_without_files_mounts_nothing_and_reads_no_directory() -> None:
    objects = objects_of(settings(changes={"services.admin.nas": None}), "admin")
    assert "data" not in json.dumps(pod_of(objects)["volumes"])
    assert "additional-location" not in env_of(objects)["PROGRAM_PARAMS"]


def test_config_files_roll_the_service_by_the_name_of_their_config_map_and_win_over_the_nas() -> None:
    def objects(content: str) -> dict[str, dict[str, object]]:
        return objects_of(settings(changes={"services.admin.configFiles": {"application-uat.yml": content}}), "admin")

    one, two = objects("a: 1\n"), objects("a: 2\n")
    assert one["config-files"]["metadata"] != two["config-files"]["metadata"]
    assert one["deployment"] != two["deployment"]
    assert one["registration"] == two["registration"]
    assert env_of(one)["PROGRAM_PARAMS"].endswith("optional:file:/product/uat/admin/,optional:file:/etc/spring/")
    assert {"name": "config-files", "mountPath": "/etc/spring", "readOnly": True} in app_of(one)["volumeMounts"]


def test_g18_the_service_is_cluster_ip_on_terway_and_node_port_on_flannel() -> None:
    terway = objects_of(settings(), "gateway")["service"]
    assert terway["spec"]["type"] == "ClusterIP"
    assert terway["spec"]["ports"] == [{"name": "http", "port": 8080, "targetPort": 80, "protocol": "TCP"}]
    assert terway["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
    on_flannel = {
        "cluster.network": "flannel",
        "services.oauth2.eip": None,
        "environment.networkPolicies": REMOVED,
        "addons.extendNetworkController": REMOVED,
    }
    flannel = objects_of(settings(changes=on_flannel), "gateway")
    assert flannel["service"]["spec"]["type"] == "NodePort"
    assert "readinessGates" not in pod_of(flannel), "no ALB readiness gate without pod addresses in the ALB"


def test_g18_a_service_that_is_only_called_through_nacos_has_no_service_and_no_ingress() -> None:
    assert {"service", "ingress"}.isdisjoint(objects_of(settings(), "admin"))


def test_g19_the_ingress_names_class_host_service_and_tls() -> None:
    spec = objects_of(settings(), "gateway")["ingress"]["spec"]
    assert spec["ingressClassName"] == "uat-alb"
    assert spec["rules"] == [
        {
            "host": "gateway.uat.example.com",
            "http": {
                "paths": [
                    {
                        "path": "/",
                        "pathType": "Prefix",
                        "backend": {"service": {"name": "gateway", "port": {"number": 8080}}},
                    }
                ]
            },
        }
    ]
    assert spec["tls"] == [{"hosts": ["gateway.uat.example.com"]}]


def test_g19_a_tls_secret_stands_in_the_ingress() -> None:
    changed = settings(changes={"services.gateway.ingress.tls": {"source": "secret", "secretName": "gateway-tls"}})
    tls = objects_of(changed, "gateway")["ingress"]["spec"]["tls"]
    assert tls == [{"hosts": ["gateway.uat.example.com"], "secretName": "gateway-tls"}]


def test_g20_the_gateway_serves_443_and_the_direct_listener_8000() -> None:
    assert settings().urls("gateway") == ("https://gateway.uat.example.com", "https://gateway.uat.example.com:8000")
    assert json.loads(ingress_annotations({})["listen-ports"]) == [{"HTTP": 80}, {"HTTPS": 443}, {"HTTPS": 8000}]
    assert ingress_annotations({})["ssl-redirect"] == "true"


def test_g19_health_check_drain_and_slow_start_are_typed() -> None:
    annotations = ingress_annotations({"slowStartSeconds": 60})
    assert annotations["healthcheck-enabled"] == "true"
    assert annotations["healthcheck-path"] == "/actuator/health/readiness"
    assert annotations["healthcheck-method"] == "GET"
    assert annotations["connection-drain-timeout"] == "15"
    assert annotations["slow-start-duration"] == "60"
    assert ingress_annotations({"healthCheck": None})["healthcheck-enabled"] == "false"
    assert all(isinstance(value, str) for value in annotations.values())


def test_g19_sticky_sessions_insert_a_cookie_or_use_the_services_own() -> None:
    insert = ingress_annotations({"stickySession": {"timeoutSeconds": 600}})
    assert (insert["sticky-session"], insert["sticky-session-type"], insert["cookie-timeout"]) == (
        "true",
        "Insert",
        "600",
    )
    server = ingress_annotations({"stickySession": {"type": "Server", "cookie": "JSESSIONID"}})
    assert (server["sticky-session-type"], server["cookie"]) == ("Server", "JSESSIONID")
    assert "cookie-timeout" not in server


def canary(by: dict[str, object]) -> dict[str, str]:
    twin = {
        "image": {
            "tag": "uat-1.5.0-3f2a9c1b-20261110T093000",
            "repository": "registry-vpc.cn-hangzhou.aliyuncs.com/example/gateway",
        },
        "registration": {"nacosName": "gateway-next"},
        "ingress": {
            "host": "gateway.uat.example.com",
            "canary": by,
            "tls": {"source": "certificate", "id": "10000002-cn-hangzhou", "covers": ["*.uat.example.com"]},
        },
        "service": {},
    }
    changed = settings(changes={"services.study": twin})
    annotations = objects_of(changed, "study")["ingress"]["metadata"]["annotations"]
    return {key.removeprefix(ALB): value for key, value in annotations.items() if "canary" in key}


def test_g19_a_canary_takes_a_weight_or_a_header() -> None:
    assert canary({"by": "weight", "weight": 10}) == {"canary": "true", "canary-weight": "10"}
    assert canary({"by": "header", "header": "X-Canary", "value": "yes"}) == {
        "canary": "true",
        "canary-by-header": "X-Canary",
        "canary-by-header-value": "yes",
    }


def test_g5_the_sms_service_gets_an_eip_and_waits_for_it() -> None:
    objects = objects_of(settings(), "oauth2")
    annotations = objects["deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["k8s.aliyun.com/pod-with-eip"] == "true"
    assert annotations["k8s.aliyun.com/eip-bandwidth"] == "5"
    assert annotations["k8s.aliyun.com/eip-internet-charge-type"] == "PayByTraffic"
    assert pod_of(objects)["readinessGates"] == [{"conditionType": "k8s.aliyun.com/eip"}]
    assert "readinessGates" not in pod_of(objects_of(settings(), "admin"))


def test_the_alb_gate_is_there_only_where_an_ingress_will_open_it() -> None:
    gate = [{"conditionType": "target-health.alb.k8s.alibabacloud"}]
    assert pod_of(objects_of(settings(), "gateway"))["readinessGates"] == gate
    off = settings(changes={"services.gateway.ingress.readinessGate": False})
    assert "readinessGates" not in pod_of(objects_of(off, "gateway"))


def test_an_autoscaler_owns_the_replicas() -> None:
    objects = objects_of(settings(), "gateway")
    assert "replicas" not in objects["deployment"]["spec"]
    assert (objects["autoscaler"]["spec"]["minReplicas"], objects["autoscaler"]["spec"]["maxReplicas"]) == (2, 6)


def test_one_pod_has_no_disruption_budget_and_no_spread() -> None:
    objects = objects_of(settings("test"), "admin")
    assert "disruption-budget" not in objects
    assert "topologySpreadConstraints" not in pod_of(objects)
    two = objects_of(settings(), "admin")
    assert two["disruption-budget"]["spec"]["maxUnavailable"] == 1
    assert [each["topologyKey"] for each in pod_of(two)["topologySpreadConstraints"]] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]


def test_logs_go_to_sls_by_the_documented_variables_and_metrics_by_annotations() -> None:
    objects = objects_of(settings(), "gateway")
    env = env_of(objects)
    assert (env["aliyun_logs_uat-gateway"], env["aliyun_logs_uat-gateway_ttl"]) == ("stdout", "30")
    annotations = objects["deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/scrape"] == "true"
    assert annotations["prometheus.io/path"] == "/actuator/prometheus"


def test_restricted_leaves_a_pod_nothing_to_gain() -> None:
    objects = objects_of(settings(), "admin")
    pod = pod_of(objects)
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
        "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
    }
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    for container in (*pod["containers"], *pod["initContainers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        }
    assert {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}} in pod["volumes"]
    assert env_of(objects)["HOME"] == "/tmp"


def test_baseline_takes_the_images_user_but_no_escalation_and_no_odd_system_call() -> None:
    changes = {"services.admin.securityProfile": "baseline", "environment.namespace.podSecurity": "baseline"}
    pod = pod_of(objects_of(settings(changes=dict(changes)), "admin"))
    assert pod["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    for container in (*pod["containers"], *pod["initContainers"]):
        assert container["securityContext"] == {"allowPrivilegeEscalation": False}
        assert "tmp" not in [mount["name"] for mount in container["volumeMounts"]]


def test_legacy_leaves_the_guides_image_as_it_is() -> None:
    legacy = settings(
        changes={"services.admin.securityProfile": "legacy", "environment.namespace.podSecurity": "baseline"}
    )
    pod = pod_of(objects_of(legacy, "admin"))
    assert "securityContext" not in pod
    assert all("securityContext" not in container for container in (*pod["containers"], *pod["initContainers"]))
    assert "-Duser.home" not in env_of(objects_of(legacy, "admin"))["SYSTEM_OPTIONS"]


def test_a_given_service_account_is_used_and_not_created() -> None:
    objects = objects_of(settings(changes={"services.admin.serviceAccount": "shared"}), "admin")
    assert "service-account" not in objects
    assert pod_of(objects)["serviceAccountName"] == "shared"


@pytest.mark.parametrize("minor", [29, 36])
@pytest.mark.parametrize("service", SERVICES)
def test_every_object_fits_the_strict_schema_of_its_kubernetes_version(service: str, minor: int) -> None:
    for manifest in objects_of(settings(changes={"cluster.version": f"1.{minor}"}), service).values():
        assert_valid(manifest, minor)


def test_the_oldest_supported_kubernetes_has_no_native_sidecar_and_accepts_the_rest() -> None:
    changes: dict[str, object] = {"cluster.version": "1.28"}
    changes |= {f"services.{service}.registration.mode": "hooks" for service in SERVICES}
    for service in SERVICES:
        for manifest in objects_of(settings(changes=changes), service).values():
            assert_valid(manifest, 28)


def test_the_same_settings_give_the_same_bytes() -> None:
    assert json.dumps(objects_of(settings(), "gateway")) == json.dumps(objects_of(settings(), "gateway"))
