"""An adopted service is improved step by step on a real API server, up to `restricted` and without a patch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from adopt.adoption import take_over
from components.manifests.metadata import FIELD_MANAGER
from components.manifests.objects import objects_of
from config import read_stack
from config.files import read_yaml, replace_text
from eject.deployment import read
from eject.folder import write
from improvements.application import apply
from improvements.improvement import Improvement, Stack, improvements
from improvements.items import ITEMS
from tests.adopt.adopted import Place, apart
from tests.adopt.guide import SERVICES
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Object
from tests.cluster.applier import CREATOR, Applier
from tests.eject.state import exported_objects

SERVICE = "gateway"
"""It has hooks of its own, a Service and an Ingress."""
AT_ONCE = ("exam", "oauth2")
"""One with an autoscaler, and one whose pods have a public address."""
TOLD = {"image": f"sha256:{'a' * 64}"}
_SECONDS = 120


@pytest.fixture(scope="module")
def place(guide: GuideCluster, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An environment that was adopted and taken over."""
    place = Place.make(guide, kubeconfig, tmp_path_factory.mktemp("improved"), "better")
    adoption, files = place.adopt(nacos_version="2.x")
    assert adoption.open == ()
    files.write()
    take_over(adoption, place.connection)
    return place


def stack_of(place: Place) -> Stack:
    return Stack.load(read_stack(place.environment, place.root), read_yaml(place.catalogue))


def opened(place: Place, service: str = SERVICE) -> Iterator[Improvement]:
    """One improvement after the other that can be applied, each put into the stack file before the next is sought."""
    path = place.root / f"Pulumi.{place.environment}.yaml"
    while True:
        stack = stack_of(place)
        able = [each for each in improvements(stack, service, ITEMS, TOLD) if not each.blocked]
        if not able:
            return
        wanted = {able[0].item.name: TOLD.get(able[0].item.name, "")}
        replace_text(path, apply(path.read_text(encoding="utf-8"), stack, service, ITEMS, wanted).text)
        yield able[0]


def up(place: Place, stated: dict[str, Object]) -> list[str]:
    """Write a service's objects as the provider does; the names of those that were created."""
    applier, created = Applier(place.guide.api), []
    for each in stated.values():
        if place.guide.api.live(each) is None:
            place.guide.api.create(each, CREATOR)
            created.append(f"{each['kind']}/{each['metadata']['name']}")
        else:
            applier.update(each)
    return created


def replica_sets(place: Place) -> set[str]:
    """The ReplicaSets of the service, once its Deployment was looked at as it is."""
    deadline = time.monotonic() + _SECONDS
    while True:
        deployments = place.guide.api.objects("apps/v1", "Deployment", place.environment)
        live = next(each for each in deployments if each["metadata"]["name"] == SERVICE)
        if (live.get("status") or {}).get("observedGeneration") == live["metadata"]["generation"]:
            break
        assert time.monotonic() < deadline, live["status"]
        time.sleep(0.2)
    return {
        each["metadata"]["name"]
        for each in place.guide.api.objects("apps/v1", "ReplicaSet", place.environment)
        if each["metadata"]["ownerReferences"][0]["name"] == SERVICE
    }


def test_each_step_restarts_and_creates_what_it_said_and_the_last_leaves_no_patch(place: Place) -> None:
    before, told, seen = replica_sets(place), [], []
    for improvement in opened(place):
        created = up(place, objects_of(stack_of(place).settings, SERVICE))
        after = replica_sets(place)
        assert improvement.effect is not None
        told.append((improvement.item.name, improvement.effect.restarts, sorted(improvement.effect.created)))
        seen.append((improvement.item.name, bool(after - before), sorted(created)))
        before = after
    assert seen == told
    assert len(told) >= 20

    service = stack_of(place).settings.services[SERVICE]
    assert (service.patch.fields, service.security_profile) == (0, "restricted")
    place.guide.settle(place.environment)
    pods = [each for each in place.guide.pods(place.environment) if each["metadata"]["labels"].get("app") == SERVICE]
    assert len(pods) == 2
    for pod in pods:
        assert pod["spec"]["securityContext"]["runAsUser"] == 10001
        assert pod["spec"]["serviceAccountName"] == SERVICE
        assert [each["name"] for each in pod["spec"]["initContainers"]] == ["registration"]
        assert not any("hostPath" in each for each in pod["spec"]["volumes"])
    last = objects_of(stack_of(place).settings, SERVICE)
    versions = [version_of(place, each) for each in last.values()]
    assert up(place, last) == []
    assert [version_of(place, each) for each in last.values()] == versions


def live_of(place: Place, stated: Object) -> Object:
    live = place.guide.api.live(stated)
    assert live is not None, stated["metadata"]
    return live


def version_of(place: Place, stated: Object) -> str:
    version: str = live_of(place, stated)["metadata"]["resourceVersion"]
    return version


@pytest.mark.parametrize("service", AT_ONCE)
def test_all_steps_at_once_are_one_rollout_to_the_same_end(place: Place, service: str) -> None:
    assert len(list(opened(place, service))) >= 18
    settings = stack_of(place).settings
    up(place, objects_of(settings, service))
    place.guide.settle(place.environment)
    assert (settings.services[service].patch.fields, settings.services[service].security_profile) == (0, "restricted")
    pods = [each for each in place.guide.pods(place.environment) if each["metadata"]["labels"].get("app") == service]
    assert pods
    assert all(each["spec"]["securityContext"]["runAsUser"] == 10001 for each in pods)


def test_a_second_adoption_finds_the_improved_services_as_the_settings_say_and_the_others_as_they_were(
    place: Place,
) -> None:
    again, _ = place.adopt(nacos_version="2.x")
    assert again.open == ()
    improved = {SERVICE, *AT_ONCE}
    assert [each for each in again.taken if each.service in improved and each.difference.patch is not None] == []
    assert {each.service for each in again.taken} == set(SERVICES)
    patched = {name for name, service in again.inferred.settings.services.items() if service.patch.fields}
    assert patched == set(SERVICES) - improved


def test_d4_what_was_improved_is_ejected_and_kubectl_moves_no_pod(place: Place, tmp_path: Path) -> None:
    settings = stack_of(place).settings
    stated = [each for service in (SERVICE, *AT_ONCE) for each in objects_of(settings, service).values()]
    up(place, {each["kind"] + each["metadata"]["name"]: each for each in stated})  # what is only created is handed over
    place.guide.settle(place.environment)
    pods, before = place.pods(), [apart(live_of(place, each)) for each in stated]

    write(tmp_path, read(place.environment, exported_objects(place.environment, stated)), backup=None)
    written = [yaml.safe_load(each.read_text(encoding="utf-8")) for each in tmp_path.glob("objects/*")]
    assert len(written) == len(stated)
    for each in written:
        place.guide.api.apply(each, FIELD_MANAGER)
    assert [apart(live_of(place, each)) for each in stated] == before
    assert place.pods() == pods
