"""Each improvement on a service of the guide: the settings and the part of the patch, the effect, the restart."""

from __future__ import annotations

from typing import Any

import pytest

from improvements.improvement import Stack, improvements
from improvements.items import ITEMS
from improvements.subject import Subject
from tests.improvements.adopted import DIGEST, entry_of, found, stack, text
from tests.improvements.test_application import improved

RESTARTS = {
    "image": True,
    "registration": True,
    "drain": True,
    "rollout": False,
    "probes": True,
    "readiness-gate": True,
    "disruption-budget": False,
    "spread": True,
    "jvm": True,
    "requests": True,
    "health-check": False,
    "security": True,
    "service-account": True,
    "time-zone": True,
    "autoscaler": False,
    "restart-marks": True,
    "options": True,
    "variables": True,
    "service-links": True,
    "volumes": True,
    "labels": False,
    "pod-labels": True,
}
"""Whether each restarts pods."""
AFTER = {"registration": ("volumes",), "security": ("time-zone",)}
"""What must be done before."""


def after(service: str, *names: str) -> Subject:
    """A service with improvements."""
    return improved(service, *names)[1].subject(service)


def env(subject: Subject) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in subject.container["env"]}


def test_every_kind_of_improvement_is_open_for_some_service_of_the_guide() -> None:
    loaded = stack()
    assert {name for service in loaded.settings.services for name in found(loaded, service)} == set(RESTARTS)
    assert [item.name for item in ITEMS] == list(RESTARTS)


@pytest.mark.parametrize("name", RESTARTS)
def test_each_tells_truly_whether_the_pods_restart(name: str) -> None:
    service = {"autoscaler": "exam", "readiness-gate": "gateway", "health-check": "gateway"}.get(name, "file")
    content, before = improved(service, *AFTER.get(name, ())) if name in AFTER else (None, stack())
    improvement = found(before, service)[name]
    assert improvement.blocked == ()
    _, done = improved(service, name, content=content)
    templates = [each.subject(service).objects["deployment"]["spec"]["template"] for each in (before, done)]
    assert (templates[0] != templates[1]) == RESTARTS[name]
    assert improvement.effect is not None
    assert improvement.effect.restarts == RESTARTS[name]
    assert improvement.effect.fields or improvement.effect.created


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_each_names_its_risk_and_a_public_source(item: Any) -> None:
    assert item.source.startswith("https://")
    assert len(item.risk.split()) > 8


def test_a_digest_takes_the_place_of_the_moving_tag() -> None:
    subject = after("file", "image")
    assert entry_of(improved("file", "image")[1], "file")["image"] == {"tag": "uat-latest", "digest": DIGEST}
    assert subject.container["image"].endswith(f"@{DIGEST}")
    assert subject.container["imagePullPolicy"] == "IfNotPresent"


def test_a_tag_that_moves_too_is_no_improvement() -> None:
    [image] = [each for each in improvements(stack(), "file", ITEMS, {"image": "uat-latest"}) if each.rank == 1]
    assert any("moves too" in each for each in image.blocked)


def test_whoever_restarts_pods_with_a_moving_tag_is_told_that_it_is_a_release() -> None:
    assert any("whatever the tag uat-latest names" in each for each in found(stack(), "file")["drain"].first)
    pinned = improved("file", "image")[1]
    assert not any("whatever the tag" in each for each in found(pinned, "file")["drain"].first)


def test_the_sidecar_comes_with_its_volumes_and_says_what_the_image_needs() -> None:
    before = improved("file", "volumes")[1]
    first = " ".join(found(before, "file")["registration"].first)
    assert "command -v curl" in first
    assert "spring.application.name of the service must be file-server" in first
    assert "registers at 10.3.0.10:8848, namespace uat, group DEFAULT_GROUP" in first
    subject = after("file", "volumes", "registration")
    assert [each["name"] for each in subject.pod["initContainers"]] == ["registration"]
    assert env(subject)["SPRING_CLOUD_NACOS_DISCOVERY_IP"] == "$(POD_IP)"
    assert "POD_IP" in env(subject)


def test_what_the_process_needs_for_nacos_and_no_setting_writes_stays() -> None:
    own = "- {name: SPRING_CLOUD_NACOS_USERNAME, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}"
    head, entry = text().split("    file:\n", 1)
    env_key = "\n                  env:\n"
    entry = entry.replace(env_key, f"{env_key}                  {own}\n", 1)
    order = "$setElementOrder/env:\n"
    entry = entry.replace(order, f"{order}                  - name: SPRING_CLOUD_NACOS_USERNAME\n", 1)
    content = f"{head}    file:\n{entry}"
    content, _ = improved("file", "volumes", content=content)
    subject = improved("file", "registration", content=content)[1].subject("file")
    assert "SPRING_CLOUD_NACOS_USERNAME" in env(subject)
    assert "SPRING_CLOUD_NACOS_DISCOVERY_SERVERADDR" in env(subject)


def test_before_the_volumes_are_merged_the_sidecar_is_blocked_since_they_would_be_left_out() -> None:
    blocked = found(stack(), "file")["registration"].blocked
    assert any(
        "would mount registration, registration-state, which" in each and "apply volumes" in each for each in blocked
    )


def test_the_drain_keeps_a_longer_grace_period_that_somebody_gave() -> None:
    subject = after("oauth2", "drain")
    assert subject.pod["terminationGracePeriodSeconds"] == 60
    assert subject.container["lifecycle"] == {"preStop": {"sleep": {"seconds": 15}}}
    assert after("file", "drain").pod["terminationGracePeriodSeconds"] == 50


def test_the_probes_leave_a_slow_start_at_least_as_long_as_before() -> None:
    probe = after("exam", "probes").container["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 120 + 30 * 10
    assert "initialDelaySeconds" not in probe


def test_the_rollout_takes_no_pod_away_before_its_successor_serves() -> None:
    spec = after("file", "rollout").objects["deployment"]["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_a_budget_and_spread_are_new_and_need_two_replicas() -> None:
    loaded = stack()
    effect = found(loaded, "file")["disruption-budget"].effect
    assert effect is not None
    assert effect.created == ("PodDisruptionBudget/file",)
    assert len(after("file", "spread").pod["topologySpreadConstraints"]) == 2
    alone = stack(_alone())
    for name in ("disruption-budget", "spread"):
        assert any("replicas: 2" in each for each in found(alone, "file")[name].blocked)


def _alone() -> str:
    return text().replace("    file:\n", "    file:\n      replicas: 1\n")


def test_the_jvm_is_sized_and_keeps_its_other_options() -> None:
    options = env(after("file", "jvm"))["JVM_OPTIONS_BASE"].split()
    assert "-XX:MaxRAMPercentage=60.0" in options
    assert "-XX:MaxRAMPercentage=75.0" not in options
    more = text().replace("MaxRAMPercentage=75.0", "MaxRAMPercentage=75.0 -XX:+UseG1GC -Xmx1g")
    kept = improved("file", "jvm", content=more)[1].settings.services["file"].jvm.options
    assert kept == ("-XX:+UseG1GC",)
    assert any("the heap becomes 60 % of 1536Mi" in each for each in found(stack(), "file")["jvm"].first)


def test_what_the_program_does_not_write_among_the_options_is_kept_as_the_services_own() -> None:
    more = text().replace(" --spring.profiles.active=uat", " --spring.profiles.active=uat --debug")
    _, done = improved("file", "options", content=more)
    assert done.settings.services["file"].program_params == ("--debug",)
    assert env(done.subject("file"))["PROGRAM_PARAMS"].endswith("file:/product/uat/file/ --debug")


def test_the_variables_leave_those_of_nacos_to_the_registration() -> None:
    assert "SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE" not in env(after("file", "variables"))
    assert "LANG" in env(after("file", "variables"))


def test_the_time_zone_needs_no_path_of_the_host() -> None:
    subject = after("file", "time-zone")
    assert not any("hostPath" in each for each in subject.pod["volumes"])
    assert "/etc/localtime" not in [each["mountPath"] for each in subject.container["volumeMounts"]]
    assert env(subject)["TZ"] == "Asia/Shanghai"


def test_the_steps_of_the_profile_name_what_blocks_them_and_what_to_count() -> None:
    assert found(stack(), "file")["security"].blocked == (
        "the volume volume-localtime is the host path /etc/localtime",
    )
    baseline = improved("file", "volumes", "time-zone", "security")[1]
    assert baseline.settings.services["file"].security_profile == "baseline"
    step = found(baseline, "file")["security"]
    assert step.blocked == ()
    first = " ".join(step.first)
    assert "find /product/uat/file -xdev ! -user 10001 | wc -l" in first
    assert "200 a second" in first
    assert "nothing here runs it" in first


def test_a_second_container_without_the_profile_blocks_restricted() -> None:
    content, _ = improved("study", "time-zone", "security")
    blocked = found(stack(content), "study")["security"].blocked
    assert "the container filebeat does not drop the capabilities ALL" in blocked


def test_a_mark_of_kubectl_or_the_console_goes_so_that_a_restart_stays_done() -> None:
    subject = after("admin", "restart-marks")
    assert subject.service.annotations == {}
    notes = subject.objects["deployment"]["spec"]["template"]["metadata"].get("annotations", {})
    assert "kubectl.kubernetes.io/restartedAt" not in notes


def test_an_own_account_is_made_and_its_token_is_not_mounted() -> None:
    subject = after("file", "service-account")
    assert subject.pod["serviceAccountName"] == "file"
    assert subject.pod["automountServiceAccountToken"] is False
    assert "service-account" in subject.objects


def test_labels_of_objects_come_without_and_those_of_pods_with_a_restart() -> None:
    subject = after("gateway", "labels")
    labels = [each["metadata"]["labels"] for role, each in subject.objects.items() if role in ("ingress", "deployment")]
    assert all(each["app.kubernetes.io/part-of"] == "ack-platform" for each in labels)
    assert all(each["app"] == "gateway" for each in labels)
    pods = subject.objects["deployment"]["spec"]["template"]["metadata"]["labels"]
    assert "app.kubernetes.io/part-of" not in pods


def test_a_patch_in_the_catalogue_or_the_defaults_is_not_edited_and_said() -> None:
    default = "  ack-platform:serviceDefaults:\n"
    patch = "    patch: { deployment: { spec: { minReadySeconds: 3 } } }\n"
    loaded: Stack = stack(text().replace(default, default + patch))
    assert any("move it to services.file.patch" in each for each in found(loaded, "file")["drain"].blocked)
