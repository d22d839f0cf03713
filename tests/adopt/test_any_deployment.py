"""Whatever a live Deployment is, what is adopted of it is applied without a change, and a second look finds none."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from adopt.adoption import Adoption, adopt, take_over
from adopt.connection import Connection
from adopt.entries import entries
from adopt.finding import AdoptError
from adopt.known import Known, standing_in
from adopt.snapshot import Snapshot
from adopt.yaml_text import yaml_text
from components.manifests.metadata import FIELD_MANAGER
from config import CATALOGUE
from config.files import read_yaml
from tests.adopt.adopted import apart, managers
from tests.adopt.any_deployment import deployments
from tests.adopt.deployments import deployment
from tests.adopt.snapshots import guide, snapshot
from tests.cluster.api import STRATEGIC, Api, Object

KUBERNETES = {("kube-controller-manager", "Update")}
NAME, NAMESPACE = "exam", "any"
CATALOGUE_VALUES = read_yaml(CATALOGUE).values
KNOWN = Known(NAMESPACE, network="terway")


@pytest.fixture(scope="module")
def around(api: Api) -> Iterator[Snapshot]:
    """A namespace with nothing in it but what a test puts there."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    api.create(namespace)
    gone = ("Namespace", "Service", "Ingress", "HorizontalPodAutoscaler", "Deployment")
    yield snapshot([namespace, *(each for each in guide() if each["kind"] not in gone)])
    api.delete(namespace)


def test_any_deployment_reaches_an_empty_second_difference(api: Api, kubeconfig: Path, around: Snapshot) -> None:
    connection = Connection(kubeconfig)
    fields: list[int] = []

    def look(live: Object, stated: dict[str, object]) -> Adoption:
        only = dataclasses.replace(around, deployments=(live,))
        return adopt(only, connection, KNOWN, CATALOGUE_VALUES, stated)

    @settings(max_examples=settings().max_examples // 2)
    @given(deployments(NAMESPACE, NAME))
    def run(drawn: Object) -> None:
        api.create(drawn, "ACK-Console")
        try:
            live = api.live(drawn)
            assert live is not None
            first = look(live, {})
            assert first.open == ()
            (taken,) = first.taken
            would_be = api.apply(taken.stated, FIELD_MANAGER, force=True, dry_run=True)
            assert apart(would_be) == apart(live)
            written = entries(first.inferred.services, CATALOGUE_VALUES, None)
            sections = {**standing_in(first.inferred.sections), "services": written.services}
            text = yaml_text({**sections, "serviceDefaults": written.defaults})
            assert "hunter2" not in text
            assert "hunter2" not in str(first.findings)
            said = yaml.safe_load(text)
            second = look(live, said)
            assert second.open == ()
            assert second.taken[0].difference.patch is None
            assert second.taken[0].stated == taken.stated
            fields.append(first.inferred.settings.services[NAME].patch.fields)
        finally:
            api.delete(drawn, "Background")

    run()
    assert len(set(fields)) > 20, "so few patches differ that little was tried"


def test_a_secret_in_plain_text_stays_live_with_its_owner_and_is_written_nowhere(
    api: Api, kubeconfig: Path, around: Snapshot
) -> None:
    drawn = deployment(NAMESPACE, NAME)
    drawn["spec"]["paused"] = True
    first = drawn["spec"]["template"]["spec"]["containers"][0]
    first["env"].insert(2, {"name": "DB_PASSWORD", "value": "hunter2-Very-S3cret"})
    first["command"] = ["java", "-Dsecret=hunter2-Very-S3cret", "-jar", "/app/exam.jar"]
    api.create(drawn, "ACK-Console")
    live = api.live(drawn)
    assert live is not None
    found = adopt(dataclasses.replace(around, deployments=(live,)), Connection(kubeconfig), KNOWN, CATALOGUE_VALUES, {})
    told = [each for each in found.findings if "a secret in plain text" in each.note]
    assert [each.field.rpartition(".")[2] for each in told] == ["command", "env[DB_PASSWORD]"]
    assert "--from=secret/NAME --keys=DB_PASSWORD" in told[1].note
    assert "hunter2" not in str((found.findings, found.inferred.services, found.taken[0].stated))

    (after,) = take_over(found, Connection(kubeconfig))
    assert apart(after) == apart(live)
    (console,) = [each["fieldsV1"] for each in after["metadata"]["managedFields"] if each["manager"] == "ACK-Console"]
    container = console["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"exam"}']
    assert container.keys() == {"f:command", "f:env"}
    assert container["f:env"].keys() == {'k:{"name":"DB_PASSWORD"}'}

    stated = found.taken[0].stated
    stated["spec"]["template"]["spec"]["containers"][0]["env"] = []
    kept = api.apply(stated, FIELD_MANAGER)["spec"]["template"]["spec"]["containers"][0]
    assert [each["name"] for each in kept["env"]] == ["DB_PASSWORD"]
    assert kept["command"] == first["command"]
    api.delete(drawn, "Background")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"image": "example/exam:2.0"}, "spec.template.spec.containers"),
        ({"stdin": True}, "spec.template.spec.containers"),
    ],
)
def test_what_somebody_changes_after_it_was_read_is_not_written_over(
    api: Api, kubeconfig: Path, around: Snapshot, change: Object, field: str
) -> None:
    drawn = deployment(NAMESPACE, NAME)
    drawn["spec"]["paused"] = True
    api.create(drawn, "ACK-Console")
    try:
        live = api.live(drawn)
        assert live is not None
        only = dataclasses.replace(around, deployments=(live,))
        found = adopt(only, Connection(kubeconfig), KNOWN, CATALOGUE_VALUES, {})
        containers = [{"name": "exam", **change}]
        changed = api.patch(drawn, {"spec": {"template": {"spec": {"containers": containers}}}}, form=STRATEGIC)
        with pytest.raises(AdoptError, match=f"changed since it was read, in {field}; run again"):
            take_over(found, Connection(kubeconfig))
        left = api.live(drawn)
        assert left is not None
        assert (apart(left), managers(left) - KUBERNETES) == (apart(changed), managers(changed) - KUBERNETES)
    finally:
        api.delete(drawn, "Background")
