"""Directories on the NAS: who owns them, who can write them, who sees them. kubelet is real, the NAS is a directory."""

from __future__ import annotations

import copy
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from cluster.node.node import Node
from tests.cluster.api import Api, Object
from tests.node.pods import CommandFailedError, eventually, is_gone
from tests.node.stack import Stack

SERVICES = ("file", "admin")


def directory(stack: Stack, service: str) -> Path:
    return stack.volume / "product" / "test" / service


def log(stack: Stack, service: str) -> Path:
    return directory(stack, service) / "application.log"


def test_the_services_run_in_a_namespace_that_enforces_restricted(stack: Stack, api: Api) -> None:
    live = api.live(stack.stated("environment-namespace"))
    assert live
    assert live["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    root = {"name": "root", "image": "root", "securityContext": {"runAsUser": 0}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "root", "namespace": stack.namespace}}
    with pytest.raises(Exception, match="violates PodSecurity"):
        api.create({**pod, "spec": {"containers": [root]}}, dry_run=True)


@pytest.mark.parametrize("service", SERVICES)
def test_g17_a_container_that_is_not_root_writes_its_directory_on_first_start(stack: Stack, service: str) -> None:
    found = log(stack, service).stat()
    assert "started as 10001:10001" in log(stack, service).read_text()
    assert (found.st_uid, found.st_gid) == (10001, 10001)


def test_kubelet_makes_directories_for_root_with_the_mode_that_the_driver_gave_the_volumes_root(stack: Stack) -> None:
    for each in (directory(stack, "file"), *list(directory(stack, "file").parents)[:3]):
        found = each.stat()
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o777), each
    assert list(directory(stack, "file").parents)[2] == stack.volume


def test_a_new_pod_finds_what_the_one_before_it_wrote(stack: Stack, api: Api) -> None:
    first = stack.ready_pod("admin")
    stack.run("admin", "sh", "-c", "echo kept >$DATA_DIR/kept")
    api.delete(first)
    eventually(lambda: stack.ready_pod("admin")["metadata"]["uid"] != first["metadata"]["uid"])
    assert stack.run("admin", "sh", "-c", "cat $DATA_DIR/kept") == "kept\n"
    starts = [line for line in log(stack, "admin").read_text().splitlines() if "started" in line]
    assert len({line.split()[1] for line in starts}) == len(starts) == 2


def test_two_services_never_see_each_others_directory(stack: Stack) -> None:
    for service in SERVICES:
        stack.run(service, "sh", "-c", f"echo >$DATA_DIR/only-of-{service}")
    for service, other in (SERVICES, SERVICES[::-1]):
        assert stack.run(service, "sh", "-c", "ls /product/test") == f"{service}\n"
        seen = stack.run(service, "find", "/", "-path", "/proc", "-prune", "-o", "-name", "only-of-*", "-print")
        assert seen == f"/product/test/{service}/only-of-{service}\n"
        for way in (f"../{other}", "..", "../../.."):
            command = ("sh", "-c", f"ls $DATA_DIR/{way}; ls $DATA_DIR/{way} | grep -q only-of-{other}")
            with pytest.raises(CommandFailedError):
                stack.run(service, *command)


@contextmanager
def another_volume(stack: Stack, api: Api, name: str, attributes: dict[str, str | None]) -> Iterator[Object]:
    """A volume beside the stack's, with other attributes; yields the pod that mounts it, made as those of `file`."""
    volume, claim = (copy.deepcopy(stack.stated(f"nas-volume-{part}")) for part in ("volume", "claim"))
    volume["metadata"]["name"] = claim["metadata"]["name"] = claim["spec"]["volumeName"] = name
    volume["spec"]["csi"]["volumeHandle"] = volume["spec"]["claimRef"]["name"] = name
    stated = {**volume["spec"]["csi"]["volumeAttributes"], **attributes}
    volume["spec"]["csi"]["volumeAttributes"] = {key: value for key, value in stated.items() if value is not None}
    spec = copy.deepcopy(stack.stated("file-deployment")["spec"]["template"]["spec"])
    spec["restartPolicy"] = "Never"
    spec["volumes"][0]["persistentVolumeClaim"]["claimName"] = name
    metadata = {"name": name, "namespace": stack.namespace}
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    for each in (volume, claim, pod):
        api.create(each)
    try:
        yield pod
    finally:
        for each in (pod, claim, volume):
            api.delete(each)
            eventually(partial(is_gone, api, each))


def test_without_the_mode_the_container_could_not_write(stack: Stack, api: Api) -> None:
    with another_volume(stack, api, "no-mode", {"path": "/no-mode", "mode": None, "modeType": None}) as pod:

        def exit_code() -> list[int]:
            live = api.live(pod)
            assert live
            ended = [each["state"].get("terminated") for each in live["status"].get("containerStatuses", ())]
            return [each["exitCode"] for each in ended if each]

        assert eventually(exit_code) == [3]
        made = stack.volume.parent / "no-mode" / "product" / "test" / "file"
        assert stat.S_IMODE(made.stat().st_mode) == 0o755


def test_the_driver_mounts_no_root_of_a_file_system_with_a_mode(stack: Stack, api: Api, node: Node) -> None:
    before = stat.S_IMODE(node.nas(stack.server).stat().st_mode)
    with another_volume(stack, api, "root-mode", {"path": "/"}):
        refusal = 'MountVolume.SetUp failed for volume "root-mode"'
        said = eventually(lambda: [each for each in api.warnings(stack.namespace) if refusal in each])
        assert "NAS: root directory cannot set mode: 0777" in said[0]
        assert stat.S_IMODE(node.nas(stack.server).stat().st_mode) == before == 0o755
