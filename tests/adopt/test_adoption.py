"""The guide's cluster is taken over: nothing is created, replaced or restarted, and what is removed later is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopt.adoption import Adoption, take_over
from adopt.controllers import CONTROLLERS
from adopt.server import ApiServer
from components.manifests.metadata import FIELD_MANAGER
from drift.drift import find
from tests.adopt.adopted import Place, apart, managers
from tests.adopt.guide import SERVICES
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Object
from tests.cluster.applier import Applier


@pytest.fixture(scope="module")
def place(guide: GuideCluster, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place.make(guide, kubeconfig, tmp_path_factory.mktemp("adopt"), "shop")


@pytest.fixture(scope="module")
def adoption(place: Place) -> Adoption:
    """The environment, worked out and written, not yet taken over."""
    found, files = place.adopt()
    files.write()
    return found


def test_every_object_of_the_seven_services_is_adopted(adoption: Adoption) -> None:
    roles = {(each.service, each.role) for each in adoption.taken}
    assert {service for service, _ in roles} == set(SERVICES)
    assert {role for service, role in roles if service == "gateway"} == {"deployment", "service", "ingress"}
    assert ("exam", "autoscaler") in roles
    assert adoption.open == ()


def test_the_files_say_what_was_inferred(place: Place, adoption: Adoption) -> None:
    assert place.settings() == adoption.inferred.settings


def test_what_is_applied_equals_what_is_live(place: Place, adoption: Adoption) -> None:
    for each in adoption.taken:
        would_be = place.guide.api.apply(each.stated, FIELD_MANAGER, force=True, dry_run=True)
        assert apart(would_be) == apart(place.live(each)), each.stated["metadata"]["name"]


def test_taking_over_changes_owners_and_nothing_else(place: Place, adoption: Adoption) -> None:
    before, pods = [place.live(each) for each in adoption.taken], place.pods()
    after = take_over(adoption, place.connection)
    assert list(map(apart, after)) == list(map(apart, before))
    for each in after:
        assert (FIELD_MANAGER, "Apply") in managers(each)
        assert {manager for manager, _ in managers(each)} <= {FIELD_MANAGER, *CONTROLLERS}
    assert place.pods() == pods

    place.guide.settle("shop")  # the Deployment controller has seen the new annotations
    versions = place.versions_at_rest(adoption)
    applier = Applier(place.guide.api)
    assert [applier.update(each.stated)["metadata"]["resourceVersion"] for each in adoption.taken] == versions

    again, files = place.adopt()
    assert files.texts == {}
    assert [each.stated for each in again.taken] == [each.stated for each in adoption.taken]
    take_over(again, place.connection)
    assert place.versions(again) == versions
    assert place.pods() == pods


def test_what_was_taken_over_has_not_drifted_whatever_secrets_stay_in_it(place: Place, adoption: Adoption) -> None:
    take_over(adoption, place.connection)
    found = find(place.settings(), ApiServer(place.connection))
    assert found.drifts == ()
    assert found.objects >= len(adoption.taken)


@pytest.fixture(scope="module")
def study(place: Place, adoption: Adoption) -> Object:
    """The Deployment of `study`, taken over: it has a second container."""
    take_over(adoption, place.connection)
    return next(each.stated for each in adoption.taken if (each.service, each.role) == ("study", "deployment"))


def test_a_variable_a_volume_and_a_container_that_the_stack_no_longer_states_are_gone(
    place: Place, study: Object
) -> None:
    live = Applier(place.guide.api).update(without_parts(study))
    assert parts(live) == (["study"], False, ["volume-1718083412345"])


def test_without_the_transfer_of_the_owners_they_would_stay(
    guide: GuideCluster, kubeconfig: Path, tmp_path: Path
) -> None:
    place = Place.make(guide, kubeconfig, tmp_path, "clicked")
    adoption, _ = place.adopt()
    stated = next(each.stated for each in adoption.taken if (each.service, each.role) == ("study", "deployment"))
    applier = Applier(guide.api)
    applier.update(stated, force=True)
    live = applier.update(without_parts(stated), force=True)
    assert parts(live) == (["study", "filebeat"], True, ["volume-localtime", "volume-1718083412345"])


def without_parts(stated: Object) -> Object:
    """A Deployment without its second container, without the host's time zone, without one variable."""
    pod = stated["spec"]["template"]["spec"]
    first = pod["containers"][0]
    kept = {
        **first,
        "env": [each for each in first["env"] if each["name"] != "APP_DIR"],
        "volumeMounts": [each for each in first["volumeMounts"] if each["mountPath"] != "/etc/localtime"],
    }
    volumes = [each for each in pod["volumes"] if "hostPath" not in each]
    spec = {**pod, "containers": [kept], "volumes": volumes}
    template = {**stated["spec"]["template"], "spec": spec}
    return {**stated, "spec": {**stated["spec"], "template": template}}


def parts(live: Object) -> tuple[list[str], bool, list[str]]:
    """The containers, whether the first has APP_DIR, and the volumes."""
    pod = live["spec"]["template"]["spec"]
    first = pod["containers"][0]
    names = [each["name"] for each in pod["containers"]]
    return names, "APP_DIR" in {each["name"] for each in first["env"]}, [each["name"] for each in pod["volumes"]]
