"""What one service states about itself."""

import pytest

from tests.config.changes import load_changed, problems_of
from tests.config.refusal import Refusal, refusals


@refusals(
    Refusal(
        "a heap that does not fit the memory limit, with the sum",
        {"services.file.jvm.heapPercent": 80},
        "services.file.jvm.heapPercent",
        80,
        "heap 1638 + metaspace 192 + code cache 96 + direct 128 + stacks 100 + other 96 = 2250 Mi of 2048 Mi",
        "heapPercent 70 at most, or resources.limits.memory 3Gi at least",
    ),
    Refusal(
        "a heap of the whole limit",
        {"services.file.jvm.heapPercent": 100},
        "services.file.jvm.heapPercent",
        100,
        mend="heapPercent 70 at most",
    ),
    Refusal(
        "a limit that not even the other areas fit",
        {"services.file.resources": {"limits": {"memory": "512Mi"}}},
        "services.file.jvm.heapPercent",
        60,
        mend="resources.limits.memory 1536Mi at least",
    ),
    Refusal(
        "a cpu request above its limit",
        {"services.file.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}},
        "services.file.resources.requests.cpu",
        "2",
        "must not be above resources.limits.cpu, which is 1",
        "limits.cpu: 2 at least",
    ),
    Refusal(
        "a memory request above its limit",
        {"services.file.resources": {"requests": {"memory": "3Gi"}}},
        "services.file.resources.requests.memory",
        "3Gi",
        mend="requests.memory: 2Gi at most",
    ),
    Refusal(
        "a request for local disk above its limit",
        {"services.file.resources": {"requests": {"ephemeralStorage": "3Gi"}}},
        "services.file.resources.requests.ephemeralStorage",
        "3Gi",
        mend="2Gi at most",
    ),
)
def test_sizes_that_kubernetes_would_refuse_or_kill(refusal: Refusal) -> None:
    refusal.check()


@refusals(
    Refusal(
        "no tag and no digest",
        {"services.file.image": {}},
        "services.file.image",
        rule="must have a tag or a digest",
        mend="tag: test-1.4.2-",
    ),
    Refusal(
        "a rollout token beside a unique tag",
        {"services.file.image.rollout": "1"},
        "services.file.image.rollout",
        "1",
        mend="remove it",
    ),
    *(
        Refusal(
            f"a time of a restart that is none: {moment}",
            {"services.file.restartedAt": moment},
            "services.file.restartedAt",
            moment,
            "must be a moment as YYYY-MM-DDTHH:MM:SS with Z or an offset",
            "2026-11-26T04:00:00Z",
        )
        for moment in ("now", "2026-11-26", "2026-11-26T04:00:00", "2026-13-26T04:00:00Z", "2026-11-26T25:00:00+08:00")
    ),
    Refusal(
        "an image of another environment's profile",
        {"services.file.image.tag": "uat-1.2.1-51b7aa90-20261028T090000"},
        "services.file.image.tag",
        "uat-1.2.1-51b7aa90-20261028T090000",
        'must be an image of the profile "test"',
        "test-1.4.2-",
    ),
    Refusal(
        "a moving tag of another environment's profile",
        {"services.file.image": {"tag": "uat-latest", "rollout": "7"}},
        "services.file.image.tag",
        "uat-latest",
        'profile "test"',
        "for example test-",
    ),
    Refusal(
        "a moving tag that nodes keep",
        {
            "services.file.image": {"tag": "test-latest", "rollout": "7"},
            "services.file.imagePullPolicy": "IfNotPresent",
        },
        "services.file.imagePullPolicy",
        "IfNotPresent",
        mend="Always",
    ),
    Refusal(
        "the pull policy Never",
        {"services.file.imagePullPolicy": "Never"},
        "services.file.imagePullPolicy",
        "Never",
        mend="IfNotPresent",
    ),
    Refusal(
        "an image on a server that the pull Secret is not for",
        {"services.file.image.repository": "docker.io/library/file"},
        "services.file.image.repository",
        "docker.io/library/file",
        mend="registry-vpc.cn-hangzhou.aliyuncs.com/example/file",
    ),
    Refusal(
        "a registry of another region by its VPC address",
        {"registry.repository": "registry-vpc.cn-beijing.aliyuncs.com/example"},
        "registry.repository",
        "registry-vpc.cn-beijing.aliyuncs.com/example",
        mend="registry-vpc.cn-hangzhou.aliyuncs.com/example",
    ),
    Refusal(
        "an owned pull Secret without a user",
        {"registry": {"repository": "registry-vpc.cn-hangzhou.aliyuncs.com/example"}},
        "registry.username",
        mend="the user of the registry's credentials",
    ),
)
def test_images_that_cannot_be_pulled_or_told_apart(refusal: Refusal) -> None:
    refusal.check()


@pytest.mark.parametrize("image", [{"tag": "latest"}, {"tag": "test-latest"}, {"tag": "latest", "rollout": "1"}])
def test_a_moving_tag_needs_no_rollout_token_and_stays_a_tag_until_a_registry_is_asked(image: dict[str, str]) -> None:
    settings = load_changed({"services.file.image": image})
    assert settings.image("file").endswith(f"/file:{image['tag']}")
    assert settings.pull_policy("file") == "Always"


@refusals(
    Refusal(
        "mode sidecar where the stack names no Nacos",
        {"nacos": None, "services.file.registration": {"mode": "sidecar"}},
        "services.file.registration.mode",
        "sidecar",
        "must be none where the stack names no Nacos",
        "nacos: {address:",
    ),
    Refusal(
        "mode hooks where the stack names no Nacos",
        {"nacos": None, "services.file.registration": {"mode": "hooks"}},
        "services.file.registration.mode",
        "hooks",
        mend="or mode: none",
    ),
    Refusal(
        "a registering service without its Nacos name",
        {"services.file.registration": {"nacosName": None}},
        "services.file.registration.nacosName",
        rule="must be set for mode sidecar",
        mend="spring.application.name of the service, for example file",
    ),
    Refusal(
        "a sidecar before Kubernetes 1.29",
        {
            "cluster.version": "1.28",
            "addons.extendNetworkController.chart.version": "0.12.8",
            "serviceDefaults.registration": {"mode": "hooks"},
            "services.file.registration": {"mode": "sidecar"},
        },
        "services.file.registration.mode",
        "sidecar",
        "must not be sidecar before Kubernetes 1.29; cluster.version is 1.28",
        "mode: hooks",
    ),
    Refusal(
        "failClosed without registration",
        {"services.file.registration": {"mode": "none", "failClosed": True}},
        "services.file.registration.failClosed",
        value=True,
        mend="mode: sidecar",
    ),
    Refusal(
        "failClosed with hooks",
        {"services.file.registration": {"mode": "hooks", "failClosed": True}},
        "services.file.registration.failClosed",
        value=True,
        mend="mode: sidecar",
    ),
    Refusal(
        "start hidden with hooks, which say online only once",
        {"services.file.registration": {"mode": "hooks", "startHidden": True}},
        "services.file.registration.startHidden",
        value=True,
        rule="a healthy instance would stay offline",
        mend="mode: sidecar",
    ),
    Refusal(
        "start hidden where nothing puts the instance online",
        {"services.file.registration": {"mode": "none", "startHidden": True}},
        "services.file.registration.startHidden",
        value=True,
        mend="mode: sidecar",
    ),
    Refusal(
        "a sidecar image without a shell",
        {"services.file.registration.image": "gcr.io/distroless/java21-debian12:nonroot"},
        "services.file.registration.image",
        "gcr.io/distroless/java21-debian12:nonroot",
        "must be an image with sh and curl: distroless images have neither",
        "leave it out where the service's own image has them",
    ),
    Refusal(
        "a sidecar image without curl",
        {"services.file.registration.image": "registry.example.com/library/busybox:1.37"},
        "services.file.registration.image",
        "registry.example.com/library/busybox:1.37",
        "busybox has no curl",
    ),
    Refusal(
        "a sidecar image of Java on Alpine",
        {"services.file.registration.image": "eclipse-temurin:21-jre-alpine"},
        "services.file.registration.image",
        "eclipse-temurin:21-jre-alpine",
        "alpine has no curl",
    ),
    Refusal(
        "a Java option with a character that no process can be given",
        {"services.file.systemOptions": ["-Da=\0"]},
        "services.file.systemOptions[0]",
        "-Da=\0",
        "must be one option of the java command",
        "-XX:+UseG1GC",
    ),
    Refusal(
        "an image for hooks, which run in the application's container",
        {"services.file.registration": {"mode": "hooks", "image": "example.com/curl:8.0"}},
        "services.file.registration.image",
        "example.com/curl:8.0",
        mend="mode: sidecar",
    ),
    Refusal(
        "a readiness gate without the Ingress that opens it",
        {"services.file.readinessGate": True},
        "services.file.readinessGate",
        value=True,
        rule="must be a known key",
        mend="ingress",
    ),
    Refusal(
        "a drain shorter than consumers' caches",
        {"services.file.registration.drainSeconds": 5},
        "services.file.registration.drainSeconds",
        5,
        "drain ≥ max(push 1 s + consumer cache 5 s, endpoint removal 10 s) + 5 s = 15 s",
        "drainSeconds: 15 at least",
    ),
    Refusal(
        "a drain that was long enough until consumers cached longer",
        {"nacos.consumerCacheSeconds": 35, "services.file.registration.drainSeconds": 15},
        "services.file.registration.drainSeconds",
        15,
        "consumer cache 35 s",
        "drainSeconds: 41 at least",
    ),
    Refusal(
        "a sleep before the end that is longer than the grace period",
        {"services.file.registration": {"drainSeconds": 60, "graceSeconds": 50}},
        "services.file.registration.graceSeconds",
        50,
        "grace ≥ drain 60 s + graceful shutdown 25 s + exit 10 s = 95 s",
        "graceSeconds: 95 at least",
    ),
    Refusal(
        "a grace period shorter than drain, shutdown and exit",
        {"services.file.registration.graceSeconds": 30},
        "services.file.registration.graceSeconds",
        30,
        "grace ≥ drain 15 s + graceful shutdown 25 s + exit 10 s = 50 s",
        "graceSeconds: 50 at least",
    ),
)
def test_registrations_that_cannot_work_or_would_lose_requests(refusal: Refusal) -> None:
    refusal.check()


def test_every_registering_service_is_refused_on_nacos_1() -> None:
    problems = problems_of({"nacos.version": "1.x"})
    paths = {each.path for each in problems if "1.x server forgets" in each.rule}
    assert paths == {
        f"services.{name}.registration.mode"
        for name in ("admin", "exam", "file", "gateway", "oauth2", "resource", "study")
    }


def test_stated_seconds_that_hold_the_sum_are_load_changed() -> None:
    settings = load_changed(
        {"services.file.registration": {"drainSeconds": 20, "graceSeconds": 55, "minReadySeconds": 15}}
    )
    cycle = settings.life_cycle("file")
    assert (cycle.drain, cycle.grace, cycle.min_ready) == (20, 55, 15)


@refusals(
    Refusal(
        "a probe's time-out as long as its period",
        {"services.file.probes": {"timeoutSeconds": 5}},
        "services.file.probes.timeoutSeconds",
        5,
        "must be below periodSeconds, which is 5",
        "timeoutSeconds: 4",
    ),
    Refusal(
        "liveness on the readiness path",
        {"services.gateway.probes": {"livenessPath": "/actuator/health/readiness"}},
        "services.gateway.probes.livenessPath",
        "/actuator/health/readiness",
        mend="/actuator/health/liveness",
    ),
    Refusal(
        "a probe on a port that nothing opens",
        {"services.file.probes": {"port": 8081}},
        "services.file.probes.port",
        8081,
        mend="--management.server.port=8081",
    ),
    Refusal(
        "metrics on a port that nothing opens",
        {"services.gateway.metrics": {"port": 9090}},
        "services.gateway.metrics.port",
        9090,
        mend="--management.server.port=9090",
    ),
)
def test_probes_that_cannot_tell_anything(refusal: Refusal) -> None:
    refusal.check()


def test_a_probe_on_the_stated_management_port_is_load_changed() -> None:
    changes = {
        "services.gateway.probes": {"port": 8081},
        "services.gateway.programParams": ["--management.server.port=8081"],
    }
    assert load_changed(changes).services["gateway"].probes.port == 8081


@refusals(
    Refusal(
        "an autoscaler with its bounds in the wrong order",
        {"services.file.autoscaler": {"minReplicas": 5, "maxReplicas": 2}},
        "services.file.autoscaler.minReplicas",
        5,
        "must not be above maxReplicas, which is 2",
        "minReplicas: 2 at most",
    ),
    Refusal(
        "a disruption budget that lets every replica go",
        {"services.gateway.disruptionBudget": {"maxUnavailable": 2}},
        "services.gateway.disruptionBudget.maxUnavailable",
        2,
        mend="maxUnavailable: 1 at most",
    ),
    Refusal(
        "no replicas behind an Ingress",
        {"services.gateway.replicas": 0},
        "services.gateway.replicas",
        0,
        mend="replicas: 1",
    ),
)
def test_numbers_of_pods_that_contradict(refusal: Refusal) -> None:
    refusal.check()


def test_a_service_without_ingress_may_be_scaled_to_nothing() -> None:
    assert load_changed({"services.file.replicas": 0}).services["file"].most_replicas == 0


@refusals(
    Refusal(
        "baseline pods in a namespace that enforces restricted",
        {"services.file.securityProfile": "baseline"},
        "services.file.securityProfile",
        "baseline",
        mend="environment.namespace.podSecurity: baseline",
    ),
    Refusal(
        "legacy pods in a given namespace that enforces restricted",
        {"services.file.securityProfile": "legacy", "environment.namespace": {"ownership": "given"}},
        "services.file.securityProfile",
        "legacy",
        mend="the level that the given namespace has",
    ),
    Refusal(
        "Pod Security Standards newer than the cluster",
        {"environment.namespace.podSecurityVersion": "1.36", "cluster.version": "1.34"},
        "environment.namespace.podSecurityVersion",
        "1.36",
        mend='podSecurityVersion: "1.34" at most',
    ),
)
def test_pods_that_the_namespace_would_refuse(refusal: Refusal) -> None:
    refusal.check()


@pytest.mark.parametrize("profile", ["baseline", "legacy"])
def test_a_namespace_that_enforces_baseline_takes_less_strict_profiles(profile: str) -> None:
    changes = {"services.file.securityProfile": profile, "environment.namespace.podSecurity": "baseline"}
    assert load_changed(changes).services["file"].security_profile == profile


@refusals(
    Refusal(
        "a label that the program writes",
        {"services.file.labels": {"app.kubernetes.io/name": "files"}},
        'services.file.labels["app.kubernetes.io/name"]',
        "files",
        mend="remove it",
    ),
    Refusal(
        "the label env",
        {"services.file.labels": {"env": "uat"}},
        "services.file.labels.env",
        "uat",
        mend="remove it",
    ),
    Refusal(
        "a label with Kubernetes' own prefix",
        {"services.file.labels": {"topology.kubernetes.io/zone": "a"}},
        'services.file.labels["topology.kubernetes.io/zone"]',
        "a",
        mend="example.com/zone",
    ),
    Refusal(
        "a label that starts with aliyun",
        {"services.file.labels": {"aliyun.com/team": "a"}},
        'services.file.labels["aliyun.com/team"]',
        "a",
        mend="example.com/team",
    ),
    Refusal(
        "a label with Pulumi's prefix",
        {"services.file.labels": {"pulumi.com/team": "a"}},
        'services.file.labels["pulumi.com/team"]',
        "a",
        mend="example.com/team",
    ),
    Refusal(
        "a selector with a label that a controller generates",
        {"services.file.selectorLabels": {"app": "file", "pod-template-hash": "5d5c"}},
        "services.file.selectorLabels.pod-template-hash",
        "pod-template-hash",
        mend="remove it",
    ),
    Refusal(
        "an annotation for which there is a setting",
        {"services.file.annotations": {"k8s.aliyun.com/pod-with-eip": "true"}},
        'services.file.annotations["k8s.aliyun.com/pod-with-eip"]',
        "k8s.aliyun.com/pod-with-eip",
        mend="use services.file.eip",
    ),
    Refusal(
        "the annotation of kubectl rollout restart",
        {"services.file.annotations": {"kubectl.kubernetes.io/restartedAt": "now"}},
        'services.file.annotations["kubectl.kubernetes.io/restartedAt"]',
        "kubectl.kubernetes.io/restartedAt",
        mend="use services.file.restartedAt",
    ),
    Refusal(
        "an annotation of Pulumi",
        {"services.file.annotations": {"pulumi.com/skipAwait": "true"}},
        'services.file.annotations["pulumi.com/skipAwait"]',
        "pulumi.com/skipAwait",
        "Pulumi's",
        "remove it",
    ),
    Refusal(
        "an Ingress's annotation on pods",
        {"services.file.annotations": {"alb.ingress.kubernetes.io/order": "1"}},
        'services.file.annotations["alb.ingress.kubernetes.io/order"]',
        "alb.ingress.kubernetes.io/order",
        "belongs under ingress.annotations",
        "remove it",
    ),
    Refusal(
        "annotations of more than 256 KiB",
        {"services.file.annotations": {"example.com/data": "word " * 60000}},
        "services.file.annotations",
        "300016 bytes",
        mend="configFiles",
    ),
)
def test_labels_and_annotations_of_somebody_else(refusal: Refusal) -> None:
    refusal.check()


@refusals(
    Refusal(
        "two services with one Nacos name",
        {"services.file.registration": {"nacosName": "admin-server"}},
        "services.file.registration.nacosName",
        "admin-server",
        "admin registers by it",
        "for example file",
    ),
    Refusal(
        "two Deployments with one name",
        {"services.file.names": {"deployment": "admin"}},
        "services.file.names.deployment",
        "admin",
        "must not be the name of another Deployment: admin has it",
        "for example file",
    ),
    Refusal(
        "two Services with one name",
        {"services.file.service": {"name": "exam"}, "services.exam.service": {}},
        "services.file.service.name",
        "exam",
        "exam has it",
        "for example file",
    ),
    Refusal(
        "a Service's name that starts with a digit",
        {"services.file.service": {"name": "1file"}},
        "services.file.service.name",
        "1file",
        mend="svc-1file",
    ),
    Refusal(
        "a selector that selects another service's pods",
        {"services.file.selectorLabels": {"env": "test"}},
        "services.file.selectorLabels",
        "env=test",
        mend="add the label",
    ),
    Refusal(
        "the name of the Secret with the Nacos login for the pull Secret",
        {"environment.pullSecret.name": "nacos-credentials"},
        "environment.pullSecret.name",
        "nacos-credentials",
        mend="acr-credentials",
    ),
)
def test_names_that_meet(refusal: Refusal) -> None:
    refusal.check()
