"""What `ackp bundle` puts into a bundle, from servers on the loopback interface."""

from __future__ import annotations

import hashlib
import json
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest

from bundle import plugins, wheels
from bundle.install import plugins_directory
from bundle.manifest import PLATFORMS, Target
from sandbox import engine
from sandbox.network import WayFailedError
from tests.bundle.conftest import HERE, KUBERNETES, Connected, packed, wheel
from tests.bundle.servers import serving
from tests.sandbox.machine import Said
from tests.settings import ROOT


def test_a_bundle_names_everything_in_it_with_version_and_checksum(connected: Connected, tmp_path: Path) -> None:
    connected.make(tmp_path / "bundle.tar")
    with tarfile.open(tmp_path / "bundle.tar", "r:") as archive:
        members = archive.getmembers()
        manifest = json.loads(archive.extractfile(members[0]).read())  # type: ignore[union-attr] # a plain file
        for part in manifest["parts"]:
            content = archive.extractfile(part["file"])
            assert content is not None
            assert hashlib.sha256(content.read()).hexdigest() == part["sha256"]
    assert [(part["kind"], part["name"], part["version"]) for part in manifest["parts"]] == [
        ("engine", "pulumi", engine.VERSION),
        ("plugin", "kubernetes", "4.34.2"),
        ("wheel", "pulumi-alicloud", "4.0.0"),
        ("wheel", "pulumi-kubernetes", "4.34.2"),
        ("wheel", "tinydep", "1.0"),
    ]
    assert [member.name for member in members] == ["manifest.json", *(part["file"] for part in manifest["parts"])]
    assert {(member.mtime, member.uid, member.uname, member.mode) for member in members} == {(0, 0, "", 0o644)}


def test_what_cannot_be_had_is_in_the_manifest_with_the_reason(connected: Connected, tmp_path: Path) -> None:
    [missing] = connected.make(tmp_path / "bundle.tar").missing
    host = connected.address.removeprefix("http://")
    file = KUBERNETES.replace("kubernetes-v4.34.2", "alicloud-v4.0.0")
    assert str(missing) == f"plugin alicloud 4.0.0: {host}: HTTP 404 (/plugins/{file})"


def test_the_same_files_give_the_same_bytes(connected: Connected, tmp_path: Path) -> None:
    for name in ("first", "second"):
        connected.make(tmp_path / name)
        (connected.root / "uv.lock").touch()
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_wheel_that_is_not_the_pinned_one_is_refused_and_no_file_is_left(
    connected: Connected, tmp_path: Path
) -> None:
    connected.files["/packages/tinydep-1.0-py3-none-any.whl"] += b"more"
    (tmp_path / "out").mkdir()
    with pytest.raises(WayFailedError, match=r"tinydep-1\.0-py3-none-any\.whl has SHA-256 .*, uv\.lock says "):
        connected.make(tmp_path / "out" / "bundle.tar")
    assert list((tmp_path / "out").iterdir()) == []


def test_wheels_come_from_the_configured_index_whose_password_is_sent_and_never_shown(
    connected: Connected, tmp_path: Path
) -> None:
    names = ("pulumi-alicloud", "pulumi-kubernetes", "tinydep")
    mirror = {f"/simple/{name}/": _page(connected, name) for name in names}
    mirror |= {f"/files{path.removeprefix('/packages')}": body for path, body in connected.files.items()}
    for path in [path for path in connected.files if path.startswith("/packages")]:
        del connected.files[path]
    with serving(mirror, user="who:s3cret/") as address:
        secret = address.replace("http://", "http://who:s3cret%2F@") + "/simple"
        assert len(connected.make(tmp_path / "bundle.tar", secret).parts) == 5
        with pytest.raises(WayFailedError, match="HTTP 401") as refused:
            connected.make(tmp_path / "other.tar", secret.replace("s3cret", "t0psecret"))
    assert "s3cret" not in " ".join([*connected.said.lines, *connected.said.lives])
    assert "t0psecret" not in str(refused.value)


def _page(connected: Connected, name: str) -> bytes:
    """The page of a package in an index whose files want the same user: relative links, and an older version."""
    file = next(path for path in connected.files if path.startswith(f"/packages/{name.replace('-', '_')}"))
    old = f'<a href="../../files/{name}-0.1-py3-none-any.whl#sha256=00">old</a>'
    return f'<html>{old}<a href="../../files{file.removeprefix("/packages")}#sha256=00">new</a></html>'.encode()


def test_an_index_without_the_pinned_file_is_named(connected: Connected, tmp_path: Path) -> None:
    with serving({"/simple/pulumi-alicloud/": b"<html></html>"}) as address:
        with pytest.raises(WayFailedError) as refused:
            connected.make(tmp_path / "bundle.tar", f"{address}/simple")
        host = address.removeprefix("http://")
        assert str(refused.value) == f"{host} does not have pulumi_alicloud-4.0.0-py3-none-any.whl"


def test_an_installed_plug_in_is_taken_before_any_server_is_asked(connected: Connected, tmp_path: Path) -> None:
    connected.make(tmp_path / "downloaded")
    place = plugins_directory() / "resource-kubernetes-v4.34.2"
    place.mkdir(parents=True)
    (place / "pulumi-resource-kubernetes").write_bytes(b"mine")
    connected.files.clear()
    connected.lock(tinydep=wheel("tinydep", {}))
    manifest = connected.make(tmp_path / "bundle.tar")
    assert [missing.name for missing in manifest.missing] == ["alicloud"]
    assert [part.file for part in manifest.parts if part.kind == "plugin"] == [f"plugins/{KUBERNETES[:-3]}"]


GITHUB = "https://github.com/pulumi/pulumi-kubernetes/releases/download/v4.34.2"
GET_PULUMI = "https://get.pulumi.com/releases/plugins"
GROUPS = "^github://api.github.com/(?P<org>[^/]+)/(?P<repo>[^/]+)"


@pytest.mark.parametrize(
    ("overrides", "asked"),
    [
        (None, [GITHUB, GET_PULUMI]),
        ("kubernetes=https://m.example", ["https://m.example"]),
        ("alicloud=https://m.example", [GITHUB, GET_PULUMI]),
        ("alicloud=https://other.example,kubernetes=https://m.example", ["https://m.example"]),
        ("^https://get.pulumi.com=https://m.example/p", [GITHUB, "https://m.example/p"]),
        (GROUPS + "=https://m.example/${org}/$2", ["https://m.example/pulumi/pulumi-kubernetes"]),
    ],
)
def test_plug_ins_are_asked_for_where_pulumi_itself_asks(
    monkeypatch: pytest.MonkeyPatch, overrides: str | None, asked: list[str]
) -> None:
    monkeypatch.delenv(plugins.VARIABLE, raising=False)
    if overrides:
        monkeypatch.setenv(plugins.VARIABLE, overrides)
    assert plugins.addresses("kubernetes", "4.34.2") == asked


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ("https://mirror.example", "is no list of regexp1=URL1,regexp2=URL2"),
        ("a=b=c", "is no list"),
        ("(=https://x", r'"\(" is no regular expression'),
        ("kubernetes=s3://bucket", "bucket is not reached over HTTP"),
    ],
)
def test_overrides_that_say_nothing_are_refused(monkeypatch: pytest.MonkeyPatch, overrides: str, reason: str) -> None:
    monkeypatch.setenv(plugins.VARIABLE, overrides)
    with pytest.raises(WayFailedError, match=reason):
        plugins.addresses("kubernetes", "4.34.2")


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_pinned_package_has_a_wheel_for_every_target(platform: str, python: str) -> None:
    system, _, machine = platform.partition("-")
    found = wheels.pinned(ROOT, Target(system, machine, python))
    assert {"pulumi", "grpcio", "uv", "hatchling", "pytest"} <= {each.name for each in found}
    wrong = {"x86_64": ("aarch64", "arm64"), "aarch64": ("x86_64",)}[machine]
    for each in found:
        assert each.file.endswith("-any.whl") or "universal2" in each.file or not any(w in each.file for w in wrong)


def test_the_wheels_for_a_machine_like_this_are_what_is_installed_here() -> None:
    pinned = wheels.versions(ROOT, HERE)
    assert {name: version(name) for name in pinned} == pinned
    assert "pulumi-kubernetes" in pinned


def test_a_package_without_a_wheel_for_the_target_is_named(connected: Connected) -> None:
    lock = connected.root / "uv.lock"
    lock.write_text(lock.read_text().replace("tinydep-1.0-py3-none-any", "tinydep-1.0-cp311-cp311-win_amd64"))
    with pytest.raises(WayFailedError, match=r"tinydep 1\.0 has no wheel for linux-x86_64 with Python 3\.11"):
        wheels.pinned(connected.root, Target("linux", "x86_64", "3.11"))


def test_the_plug_ins_are_those_of_the_pinned_packages() -> None:
    pinned = wheels.versions(ROOT, HERE)
    for name in plugins.PLUGINS:
        assert pinned[f"pulumi-{name}"] == version(f"pulumi-{name}")


def test_a_plug_in_that_arrives_is_the_file_that_the_server_has(connected: Connected, tmp_path: Path) -> None:
    content = packed({"pulumi-resource-kubernetes": b"x"})
    connected.files[f"/plugins/{KUBERNETES}"] = content
    assert plugins.download("kubernetes", "4.34.2", HERE, tmp_path, Said()).read_bytes() == content
