"""Every object of every shape against the schemas, the rules of the API server, and the Pod Security Standards."""

import copy
import json
from collections.abc import Iterable

import pytest

from components.manifests.metadata import Manifest
from components.manifests.platform import platform_objects
from config import SettingsError, StackSettings
from tests.manifests import rules, schemas, shapes
from tests.manifests.schemas import MINORS, NEWEST, OLDEST
from tests.manifests.tools import forbidden
from tests.program.stacks import FOLDERS, shipped

LEVELS = {"restricted": "restricted", "baseline": "baseline"}
"""Security profiles with the Pod Security level that their pods pass; ``legacy`` leaves everything to the image."""

DEBT = {
    "prod": [
        "prod: Deployment resource: container wait-for-nacos: has no resources",
        "prod: Deployment study: container study: port {'containerPort': 80, 'protocol': 'TCP'} is no port",
        "prod: Deployment study: container filebeat: has no resources",
    ]
}
"""What the patches of an adopted stack keep, where these rules ask for more than Kubernetes: no resources, no name."""


def defects(named: Iterable[tuple[str, StackSettings]], minor: int) -> list[str]:
    """What is wrong with the objects of shapes."""
    found = []
    for name, settings in named:
        objects = list(platform_objects(settings))
        problems = [*rules.broken(objects), *(error for each in objects for error in schemas.errors(each, minor))]
        found += [f"{name}: {problem}" for problem in problems]
    return found


def pods(settings: StackSettings, profile: str) -> list[Manifest]:
    """The pods of the services with a security profile; the job's pod is a restricted one."""
    mine = {name for name, service in settings.services.items() if service.security_profile == profile}
    if profile == "restricted":
        mine.add("log-retention")
    templates = [
        (each["metadata"]["labels"]["app.kubernetes.io/name"], rules.pod_template(each))
        for each in platform_objects(settings)
        if each["kind"] in ("CronJob", "Deployment")
    ]
    return [template for name, template in templates if template is not None and name in mine]


@pytest.mark.parametrize("minor", MINORS)
def test_every_position_of_every_switch_gives_objects_that_kubernetes_accepts(minor: int) -> None:
    named = [(name, shapes.shape(minor, changes)) for name, changes in shapes.single(minor)]
    assert len(named) > 45
    assert defects(named, minor) == []


def test_every_two_switches_together_give_objects_that_kubernetes_accepts() -> None:
    named = [(name, shapes.shape(NEWEST, changes)) for name, changes in shapes.pairs()]
    assert len(named) > 700
    assert defects(named, NEWEST) == []


@pytest.mark.parametrize("pair", [pytest.param(pair, id=name) for name, pair in shapes.pairs(possible=False)])
def test_two_switches_that_exclude_each_other_are_refused(pair: shapes.Changes) -> None:
    with pytest.raises(SettingsError, match=r"services\.(admin|gateway)\.ingress"):
        shapes.shape(NEWEST, pair)


@pytest.mark.parametrize("stack", FOLDERS)
def test_every_object_of_every_shipped_stack_is_one_that_kubernetes_accepts(stack: str) -> None:
    settings = shipped(stack)
    assert defects([(stack, settings)], settings.cluster.minor) == DEBT.get(stack, [])


@pytest.mark.parametrize("stack", FOLDERS)
def test_a_stack_renders_what_it_owns_and_nothing_that_it_is_given(stack: str) -> None:
    settings = shipped(stack)
    stated, kinds = settings.environment, [each["kind"] for each in platform_objects(settings)]
    owned = {
        "AlbConfig": settings.alb.ownership != "givenByIngressClass",
        "CronJob": settings.log_retention is not None,
        "IngressClass": settings.alb.ownership != "givenByIngressClass",
        "LimitRange": stated.limit_range is not None and stated.limit_range.ownership == "owned",
        "Namespace": stated.namespace.ownership == "owned",
        "PersistentVolume": settings.nas.volume.ownership == "owned",
        "PersistentVolumeClaim": settings.nas.volume.ownership == "owned",
        "ResourceQuota": stated.quota is not None and stated.quota.ownership == "owned",
    }
    assert {kind: kinds.count(kind) for kind in owned} == {kind: int(mine) for kind, mine in owned.items()}
    assert set(owned.values()) == ({False} if stack == "prod" else {True})


@pytest.mark.parametrize("minor", [OLDEST, NEWEST])
def test_every_pod_passes_the_pod_security_level_of_its_profile(minor: int) -> None:
    settings = [shapes.shape(minor, changes) for _, changes in shapes.single(minor)]
    settings += [shipped(stack) for stack in FOLDERS]
    for profile, level in LEVELS.items():
        asked = {json.dumps(pod): pod for each in settings for pod in pods(each, profile)}
        assert asked, profile
        answers = forbidden(asked.values(), level=level, minor=minor)
        assert {pod: answer for pod, answer in zip(asked, answers, strict=True) if answer} == {}


def test_the_pod_that_removes_logs_is_among_the_restricted_ones() -> None:
    names = [pod["spec"]["containers"][0]["name"] for pod in pods(shipped("uat"), "restricted")]
    assert sorted(names) == ["admin", "exam", "file", "gateway", "log-retention", "oauth2", "resource", "study"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("securityContext", "seccompProfile"), "seccompProfile"),
        (("containers", 0, "securityContext", "allowPrivilegeEscalation"), "allowPrivilegeEscalation != false"),
        (("containers", 0, "securityContext", "capabilities"), "unrestricted capabilities"),
        (("initContainers", 0, "securityContext"), "allowPrivilegeEscalation != false"),
    ],
)
def test_the_evaluator_refuses_a_pod_without_one_of_its_controls(path: tuple[str | int, ...], expected: str) -> None:
    pod = copy.deepcopy(pods(shipped("uat"), "restricted")[0])
    *above, last = path
    place = pod["spec"]
    for part in above:
        place = place[part]
    del place[last]
    [[first, *_]] = forbidden([pod], level="restricted", minor=NEWEST)
    assert expected in first


def test_the_evaluator_knows_the_versions_of_the_standards_apart() -> None:
    pod = copy.deepcopy(pods(shipped("uat"), "restricted")[0])
    pod["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"host": "10.0.0.1", "port": 80}}
    assert forbidden([pod], level="restricted", minor=OLDEST) == [[]]
    [[answer]] = forbidden([pod], level="restricted", minor=NEWEST)
    assert answer.startswith("probe")
