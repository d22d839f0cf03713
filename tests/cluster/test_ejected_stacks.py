"""The files of stacks that are up, applied as `kubectl apply --server-side` does it: nothing moves."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from kubernetes.dynamic.exceptions import ConflictError

from cluster.plane import running_plane
from components.manifests.metadata import FIELD_MANAGER
from eject.deployment import read
from eject.folder import write
from sandbox.progress import Lines
from tests.cluster.api import Api, Object
from tests.cluster.applier import CREATOR
from tests.cluster.conftest import wait_for_the_autoscaler
from tests.cluster.platform import Platform
from tests.eject.state import exported
from tests.program.stacks import record

STACKS = ("test", "uat")
SECONDS = 90

Files = Mapping[str, list[Object]]


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Both stacks on a plane of their own, as the provider creates them."""
    with running_plane(Lines()) as plane, Platform(Api(plane.kubeconfig), STACKS).at_work() as found:
        wait_for_the_autoscaler(found)
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What `ackp eject` writes of each stack, in the order in which kubectl takes it."""
    read_back = {}
    for stack in STACKS:
        folder = tmp_path_factory.mktemp(stack)
        write(folder, read(stack, exported(record(stack))), backup=None)
        read_back[stack] = [_read(path) for path in sorted((folder / "objects").iterdir())]
    return read_back


def _read(path: Path) -> Object:
    found: Object = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def applied(platform: Platform, files: Files) -> None:
    """`kubectl apply --server-side --field-manager=ack-platform -f objects`; another owner of a field is a conflict."""
    for each in (each for stack in STACKS for each in files[stack]):
        platform.api.apply(each, FIELD_MANAGER)


def hand_over(platform: Platform, stated: Object) -> None:
    """`kubectl get --show-managed-fields | jq | kubectl replace`, again where a controller wrote in between."""
    while True:
        found = platform.api.live(stated)
        assert found is not None
        for owner in found["metadata"]["managedFields"]:
            if owner["manager"] == CREATOR:
                owner |= {"manager": FIELD_MANAGER, "operation": "Apply"}
        try:
            platform.api.replace(found, "kubectl-replace")
        except ConflictError:
            continue
        return


def live(platform: Platform, files: Files) -> dict[tuple[str, str, str], Object]:
    """What the server has of each file's object."""
    found = [platform.api.live(each) for stack in STACKS for each in files[stack]]
    assert None not in found
    return {_key(each): each for each in found if each is not None}


def _key(stated: Object) -> tuple[str, str, str]:
    return stated["kind"], stated["metadata"].get("namespace", ""), stated["metadata"]["name"]


def without_bookkeeping(stated: Object) -> Object:
    """The object without status, versions, owners of fields and Pulumi's annotations."""
    kept = copy.deepcopy({key: value for key, value in stated.items() if key != "status"})
    metadata = kept["metadata"]
    # A Deployment's generation counts its annotations' changes too.
    for key in ("managedFields", "resourceVersion", "generation"):
        metadata.pop(key, None)
    annotations = metadata.pop("annotations", None) or {}
    metadata["annotations"] = {key: value for key, value in annotations.items() if not key.startswith("pulumi.com/")}
    return kept


def pulumis(stated: Object) -> list[str]:
    """The annotations that only Pulumi reads."""
    return [name for name in stated["metadata"].get("annotations") or {} if name.startswith("pulumi.com/")]


def variables(stated: Object) -> set[str]:
    """The names of the environment variables of a Deployment's first container."""
    return {each["name"] for each in stated["spec"]["template"]["spec"]["containers"][0]["env"]}


def pods(platform: Platform) -> set[str]:
    """The uids of all pods."""
    return {each["metadata"]["uid"] for each in platform.api.objects("v1", "Pod")}


def nothing_moves(platform: Platform, files: Files) -> bool:
    """Whether applying the files again writes nothing; a controller may write in between, so it is asked more often."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        before = {key: each["metadata"]["resourceVersion"] for key, each in live(platform, files).items()}
        applied(platform, files)
        if {key: each["metadata"]["resourceVersion"] for key, each in live(platform, files).items()} == before:
            return True
    return False


def test_every_object_of_the_stacks_but_the_secrets_has_a_file(platform: Platform, files: Files) -> None:
    stated = {_key(step.stated) for plan in platform.plans.values() for step in plan.values()}
    assert {_key(each) for stack in STACKS for each in files[stack]} == {key for key in stated if key[0] != "Secret"}


def test_once_handed_over_the_files_change_nothing_and_what_is_taken_out_of_one_goes(
    platform: Platform, files: Files
) -> None:
    """The commands of the page. Without the first the second is refused, and forced it would leave two owners."""
    before, running = live(platform, files), pods(platform)
    (study,) = [copy.deepcopy(each) for each in files["uat"] if _key(each) == ("Deployment", "uat", "study")]
    gone = study["spec"]["template"]["spec"]["containers"][0]["env"].pop()["name"]
    with pytest.raises(ConflictError, match=CREATOR):
        applied(platform, files)
    assert gone in variables(platform.api.apply(study, FIELD_MANAGER, force=True, dry_run=True))

    for each in files["test"] + files["uat"]:
        hand_over(platform, each)
    applied(platform, files)

    after = live(platform, files)
    for key, each in before.items():
        assert without_bookkeeping(after[key]) == without_bookkeeping(each), key
        assert pulumis(after[key]) == [], key
    assert pods(platform) == running
    assert nothing_moves(platform, files)
    assert gone not in variables(platform.api.apply(study, FIELD_MANAGER, dry_run=True))


def test_what_pulumi_has_changed_since_it_created_it_needs_no_handing_over(platform: Platform, files: Files) -> None:
    for plan in platform.plans.values():
        platform.applier.up(plan)
    before, running = live(platform, files), pods(platform)
    assert all(map(pulumis, before.values()))
    applied(platform, files)
    after = live(platform, files)
    for key, each in after.items():
        assert without_bookkeeping(each) == without_bookkeeping(before[key]), key
        assert pulumis(each) == [], key
    assert pods(platform) == running
    assert nothing_moves(platform, files)
