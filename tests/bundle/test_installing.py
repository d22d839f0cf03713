"""What is refused before anything is installed, and that nothing is left of it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundle.install import opened, plugins_directory
from sandbox.engine import Engine, cache_directory, inspect
from sandbox.network import WayFailedError
from tests.bundle.conftest import Connected, packed

Members = list[tuple[str, bytes]]


@pytest.fixture
def bundle(connected: Connected, tmp_path: Path) -> Path:
    connected.make(tmp_path / "bundle.tar")
    return tmp_path / "bundle.tar"


def rewritten(file: Path, change: Callable[[dict[str, Any], Members], None]) -> Path:
    """Change the manifest and the other members of a bundle, as no network and no disk does by itself."""
    with tarfile.open(file, "r:") as archive:
        members = [(each.name, archive.extractfile(each).read()) for each in archive]  # type: ignore[union-attr] # plain files
    manifest = json.loads(members.pop(0)[1])
    change(manifest, members)
    with tarfile.open(file, "w") as archive:
        for name, content in [("manifest.json", json.dumps(manifest).encode()), *members]:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file


def refused(file: Path, connected: Connected) -> str:
    with pytest.raises(WayFailedError) as error, opened(file, connected.root, connected.said.line):
        raise AssertionError("it was opened")
    assert not list(cache_directory().glob("*")), "something was left in the tool cache"
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_engine_comes_with_its_language_host_and_the_plug_in_where_pulumi_looks(
    bundle: Path, connected: Connected
) -> None:
    with opened(bundle, connected.root, connected.said.line) as found:
        found.install(lambda _: None, connected.said.line)
    [engine] = cache_directory().glob("pulumi-v*/bin/pulumi")
    assert inspect(engine, "tool cache").path == engine
    assert engine.with_name("pulumi-language-python").stat().st_mode & 0o111
    place = plugins_directory() / "resource-kubernetes-v4.34.2"
    assert sorted(path.name for path in place.iterdir()) == ["LICENSE", "pulumi-resource-kubernetes"]
    assert (place / "pulumi-resource-kubernetes").stat().st_mode & 0o111
    assert any(line.startswith("not in the bundle: plugin alicloud 4.0.0: ") for line in connected.said.lines)


def test_what_stood_there_is_replaced_as_a_whole(bundle: Path, connected: Connected) -> None:
    place = plugins_directory() / "resource-kubernetes-v4.34.2"
    place.mkdir(parents=True)
    (place / "left-over").write_text("")
    with opened(bundle, connected.root, connected.said.line) as found:
        found.install(lambda _: None, connected.said.line)
    assert not (place / "left-over").exists()
    assert [path.name for path in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("keep", [0, 100, 5000, 0.9])
def test_a_bundle_that_was_cut_off_is_refused(bundle: Path, connected: Connected, keep: float) -> None:
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[: int(keep if keep > 1 else keep * 10_000)])
    assert "is no bundle, or was cut off on its way: " in refused(bundle, connected)


def test_a_changed_byte_is_refused(bundle: Path, connected: Connected) -> None:
    def change(_: dict[str, Any], members: Members) -> None:
        members[-1] = (members[-1][0], members[-1][1][:-1] + b"?")

    assert "has SHA-256" in refused(rewritten(bundle, change), connected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda manifest, _: manifest["target"].update(system="darwin"), "the bundle is for darwin-"),
        (lambda manifest, _: manifest["target"].update(python="3.99"), "the bundle is for Python 3.99, this is "),
        (lambda manifest, _: manifest.update(lock="other"), "made from another uv.lock than this checkout's; make one"),
        (lambda manifest, _: manifest.update(format=2), "format 2, not 1"),
        (lambda manifest, _: manifest.pop("parts"), "no manifest of a bundle: 'parts'"),
        (lambda manifest, _: manifest["parts"].pop(), "is not in its manifest"),
        (lambda _, members: members.pop(), "tinydep-1.0-py3-none-any.whl is missing"),
        (lambda _, members: members.append(("wheels/more.whl", b"")), "wheels/more.whl is not in its manifest"),
        (lambda _, members: members.append(members[-1]), "is not in its manifest"),
    ],
    ids=["system", "python", "lock", "format", "no parts", "unlisted", "absent", "added", "twice"],
)
def test_a_bundle_for_something_else_is_refused(
    bundle: Path, connected: Connected, change: Callable[[dict[str, Any], Members], None], reason: str
) -> None:
    assert reason in refused(rewritten(bundle, change), connected)


@pytest.mark.parametrize("name", ["../outside.whl", "/tmp/outside.whl", "wheels/../outside.whl", "outside.whl"])
def test_a_name_that_leads_elsewhere_is_refused(bundle: Path, connected: Connected, name: str) -> None:
    def change(manifest: dict[str, Any], members: Members) -> None:
        manifest["parts"][-1]["file"] = name
        members[-1] = (name, members[-1][1])

    assert f"{name} is no name of a file in a bundle" in refused(rewritten(bundle, change), connected)


def test_a_plug_in_whose_archive_leads_elsewhere_is_refused(connected: Connected, tmp_path: Path) -> None:
    [path] = [path for path in connected.files if path.startswith("/plugins")]
    connected.files[path] = packed({"../../outside": b""})
    connected.make(tmp_path / "bundle.tar")
    with (
        pytest.raises(WayFailedError, match=r"holds \.\./\.\./outside, which leads out of its place"),
        opened(tmp_path / "bundle.tar", connected.root, connected.said.line) as found,
    ):
        found.install(lambda _: None, connected.said.line)
    assert not list(plugins_directory().glob("*"))


def test_a_file_that_is_none_and_one_that_is_not_there_are_named(connected: Connected, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no archive, but longer than one block of a tar file\n" * 100)
    assert f"{tmp_path / 'text'} is no bundle" in refused(tmp_path / "text", connected)
    assert refused(tmp_path / "nothing", connected) == f"{tmp_path / 'nothing'}: there is no such file"


def test_pulumi_itself_sees_the_plug_in_and_would_have_installed_the_same(
    engine: Engine, bundle: Path, connected: Connected, tmp_path: Path
) -> None:
    with opened(bundle, connected.root, connected.said.line) as found:
        found.install(lambda _: None, connected.said.line)

    def pulumi(home: Path, *arguments: str) -> str:
        environment = {**os.environ, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
        command: list[str | Path] = [engine.path, "--non-interactive", "plugin", *arguments]
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    [seen] = json.loads(pulumi(plugins_directory().parent, "ls", "--json"))
    assert (seen["name"], seen["kind"], seen["version"]) == ("kubernetes", "resource", "4.34.2")
    pulumi(tmp_path / "usual", "install", "resource", "kubernetes", "4.34.2")
    ours, usual = (
        {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*/pulumi-*") if path.is_file()}
        for home in (plugins_directory(), tmp_path / "usual" / "plugins")
    )
    assert ours
    assert ours == usual
