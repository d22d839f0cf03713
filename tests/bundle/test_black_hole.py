"""Where every public name is a black hole: all of it works from a bundle, and nothing waits longer than its limit."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from bundle.manifest import Manifest
from bundle.pack import make
from bundle.plugins import PLUGINS, VARIABLE, file_name
from sandbox.engine import VERSION, Engine, release
from sandbox.engine.release import Release
from sandbox.progress import Lines
from tests.bundle.conftest import HERE, NOWHERE, packed
from tests.bundle.island import Done, Island, island
from tests.bundle.servers import serving
from tests.bundle.wheels import index
from tests.sandbox.machine import program
from tests.settings import ROOT


@pytest.fixture(scope="module")
def whole(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """A bundle with nothing missing: real wheels and the real engine, from an index on the loopback interface.

    The language host and the plug-ins come from Pulumi's servers only. Here programs that do nothing stand for them:
    what is looked at is that they arrive.
    """
    folder = tmp_path_factory.mktemp("connected")
    (folder / "bin").mkdir()
    shutil.copy(engine.path, folder / "bin" / "pulumi")
    program(folder / "bin" / "pulumi-language-python", "")
    archives = {
        f"/{file_name(name, version(f'pulumi-{name}'), HERE)}": packed({f"pulumi-resource-{name}": b"#!/bin/sh\n"})
        for name in PLUGINS
    }
    with pytest.MonkeyPatch.context() as patch, serving(archives) as plugins, index(Lines()) as packages:
        patch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        patch.setenv("PULUMI_HOME", str(folder / "home"))
        patch.setenv(VARIABLE, f".={plugins}")
        patch.setattr(release, "Release", lambda: Release(NOWHERE, NOWHERE))
        manifest = make(ROOT, HERE, packages, folder / "bundle.tar", Lines())
    return folder / "bundle.tar", manifest


@pytest.fixture(scope="module")
def installed(whole: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    """The machine after the bundle was installed there."""
    with island(tmp_path_factory.mktemp("island")) as machine:
        done = machine.run("scripts/venv", "--bundle", str(whole[0]), ACKP_STALL_SECONDS="60")
        assert done.code == 0, done.err
        assert "not in the bundle" not in done.err
        yield machine


def on_path(machine: Island) -> str:
    """What the how-to page tells the reader to put on PATH, and a program that stands for `ack-ram-tool`."""
    program(machine.folder / "bin" / "ack-ram-tool", "")
    [bin_folder] = machine.cache.glob("pulumi-v*/bin")
    return f"{bin_folder}:{machine.checkout / '.venv' / 'bin'}:{machine.folder / 'bin'}"


def test_the_bundle_of_this_checkout_has_nothing_missing(whole: tuple[Path, Manifest]) -> None:
    assert whole[1].missing == ()
    assert {part.kind for part in whole[1].parts} == {"engine", "plugin", "wheel"}


def test_doctor_finds_everything_that_pulumi_up_needs(installed: Island) -> None:
    done = installed.run("scripts/ackp", "doctor", "--offline", path=on_path(installed))
    assert done.code == 0, done.out
    assert [line.split()[0] for line in done.out.splitlines()] == ["ok"] * 8
    assert f"Pulumi engine      {VERSION} from the PATH" in done.out
    assert f"alicloud plug-in   {version('pulumi-alicloud')}: {installed.home}/.pulumi/plugins/" in done.out


@pytest.mark.parametrize(
    ("gone", "name", "mend"),
    [
        ("home/.pulumi/plugins/resource-kubernetes-v*", "kubernetes plug-in", "scripts/venv --bundle FILE"),
        ("home/.pulumi/plugins/resource-alicloud-v*/pulumi-*", "alicloud plug-in", "scripts/venv --bundle FILE"),
        (
            "home/.cache/ack-platform/pulumi-v*/bin/pulumi-language-python",
            "language host",
            "scripts/venv --bundle FILE",
        ),
        ("home/.cache/ack-platform/pulumi-v*/bin/pulumi", "pulumi on PATH", "scripts/venv --bundle FILE"),
        ("checkout/.venv/bin/uv", "uv on PATH", "export PATH="),
        ("checkout/.venv/lib/python*/site-packages/rich-*", "Python packages", "scripts/venv --bundle FILE"),
        ("bin/ack-ram-tool", "ack-ram-tool", "https://github.com/AliyunContainerService/ack-ram-tool/releases"),
    ],
)
def test_doctor_names_what_is_gone_with_its_mend(installed: Island, gone: str, name: str, mend: str) -> None:
    path = on_path(installed)
    [place] = installed.folder.glob(gone)
    aside = place.rename(installed.folder / "aside")
    try:
        done = installed.run("scripts/ackp", "doctor", "--offline", path=path)
    finally:
        aside.rename(place)
    wrong = [line for line in done.out.splitlines() if line.startswith("wrong")]
    assert done.code == 1
    assert any(line.removeprefix("wrong").strip().startswith(name) for line in wrong), done.out
    assert mend in done.out


def test_doctor_names_a_plug_in_and_a_package_of_another_version(installed: Island) -> None:
    path = on_path(installed)
    [plugin] = installed.home.glob(".pulumi/plugins/resource-kubernetes-v*")
    [package] = installed.checkout.glob(".venv/lib/python*/site-packages/rich-*.dist-info")
    moved = plugin.rename(plugin.with_name("resource-kubernetes-v4.0.0"))
    metadata = (package / "METADATA").read_text()
    (package / "METADATA").write_text(metadata.replace(f"Version: {version('rich')}", "Version: 1.0"))
    try:
        done = installed.run("scripts/ackp", "doctor", "--offline", path=path)
    finally:
        moved.rename(plugin)
        (package / "METADATA").write_text(metadata)
    assert done.code == 1
    assert f"rich is 1.0, not {version('rich')}" in done.out
    assert f"no {version('pulumi-kubernetes')} in {plugin.parent}, but resource-kubernetes-v4.0.0" in done.out


def test_the_settings_are_checked(installed: Island) -> None:
    done = installed.run("scripts/ackp", "check", seconds=60)
    assert (done.code, done.out.count(": valid;")) == (0, 2), done.err


def test_the_objects_are_rendered(installed: Island) -> None:
    done = installed.run("scripts/ackp", "render", "--stack", "test", "--out", "rendered/test", seconds=60)
    assert done.code == 0, done.err
    assert list(installed.checkout.glob("rendered/test/**/*.yaml"))


def test_the_stack_comes_up_in_the_sandbox_and_says_so_the_second_time(installed: Island) -> None:
    first = installed.run("make", "up", "STACK=test")
    assert first.code == 0, first.err
    assert " created, in " in first.out
    second = installed.run("make", "up", "STACK=test")
    assert "test: nothing changed" in second.out, second.err


def test_without_an_engine_the_run_ends_in_its_limits_and_names_every_way(installed: Island) -> None:
    [place] = installed.cache.glob("pulumi-v*")
    aside = place.rename(installed.folder / "engine-aside")
    try:
        done, seconds = timed(lambda: installed.run("make", "up", "STACK=test", ACKP_STALL_SECONDS="3"))
    finally:
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)
    assert done.code != 0
    assert re.search(r"official release: github.com.* did not answer in 3 s\. HTTPS_PROXY names a proxy", done.err)
    assert "without network: `ackp bundle` on a connected machine, `scripts/venv --bundle FILE` here" in done.err
    assert seconds < 300


def test_without_a_bundle_the_first_command_ends_in_its_limits_and_names_the_hosts(tmp_path: Path) -> None:
    with island(tmp_path) as machine:
        done, seconds = timed(lambda: machine.run("scripts/ackp", "check", ACKP_STALL_SECONDS="3"))
    assert (done.code, done.out) == (1, "")
    for way in ("pip in a virtual environment: pypi.org.* sent next to nothing in 3 s", "pip --target", "the official"):
        assert re.search(f"\n  - {way}", done.err)
    assert "`scripts/venv --bundle FILE` here" in done.err
    assert seconds < 300


def timed(command: Callable[[], Done]) -> tuple[Done, float]:
    begin = time.monotonic()
    return command(), time.monotonic() - begin
