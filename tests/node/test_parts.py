"""The parts of a node that can be tested without one."""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
from pathlib import Path

import pytest

from cluster.node import network, programs
from cluster.node.network import Network, NoFreeNetworkError
from cluster.node.node import real_node
from sandbox.problem import SandboxError
from sandbox.progress import Lines
from tests.node.images import application
from tests.settings import ROOT


def test_the_pinned_modules_are_the_pinned_versions() -> None:
    def pins(module: Path) -> str:
        return (module / "go.mod").read_text(encoding="utf-8")

    assert f"containerd/v2 v{programs.CONTAINERD_VERSION} " in pins(programs.CONTAINERD.module)
    kubernetes = pins(programs.NODE.module)
    for tools in (programs.DNS, programs.NAS):
        shared = {line.split()[0]: line for line in pins(tools.module).splitlines() if "k8s.io/api" in line}
        assert all(line.split()[1] in kubernetes for line in shared.values()), tools.name


def test_a_network_has_room_for_pods_services_and_the_link() -> None:
    found = Network("10.200.4.0/22")
    assert (found.pods, found.services) == ("10.200.4.0/24", "10.200.5.0/24")
    assert (found.host, found.node) == ("10.200.6.1", "10.200.6.2")


def test_a_network_overlaps_with_nothing_that_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = ipaddress.IPv4Network("10.192.0.0/11")
    monkeypatch.setattr(network, "_taken", lambda: iter([taken]))
    for _ in range(50):
        assert not ipaddress.IPv4Network(network._pick()).overlaps(taken)
    monkeypatch.setattr(network, "_taken", lambda: iter([ipaddress.IPv4Network("10.0.0.0/8")]))
    with pytest.raises(NoFreeNetworkError, match="overlaps with a route"):
        network._pick()


def test_who_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with (
        pytest.raises(SandboxError, match="needs Linux and root"),
        real_node(Lines(), username="user", password="word"),
    ):
        pass


def test_without_linux_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "needs Linux and root" in (programs.cannot_run() or "")


def test_missing_packages_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name in ("nft", "runc") else name)
    assert (programs.cannot_run() or "").endswith("apt-get install nftables runc")


def test_an_image_of_the_same_files_has_the_same_bytes(tmp_path: Path) -> None:
    first, second = (application(tmp_path / name, "application").read_bytes() for name in ("1.tar", "2.tar"))
    assert first == second


def test_what_is_built_for_a_node_is_no_part_of_what_a_control_plane_needs() -> None:
    sources = (ROOT / "cluster" / "plane.py").read_text() + (ROOT / "cluster" / "supervisor.py").read_text()
    assert "cluster.node" not in sources
