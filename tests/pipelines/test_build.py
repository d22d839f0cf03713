"""A commit of a service becomes an image in a real registry, and a pull request that brings it into a stack's file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from cluster.node.registry import Registry
from config.image import Build
from pipelines.proposal import propose
from registry.registry import Registry as Asked
from sandbox.problem import SandboxError
from sandbox.progress import Lines
from tests.answering import answering
from tests.image.build import GUIDE, base_tag
from tests.image.jars import PROBE
from tests.image.podman import Podman
from tests.pipelines.platform import git, platform_of
from tests.pipelines.servers import TOKEN, HostServer
from tests.pipelines.steps import step
from tests.registry.registries import PASSWORD, USER, distribution

JAR = "target/probe-1.0-exec.jar"


@dataclass
class Site:
    """What a build needs.

    Attributes:
        service: the repository of a service.
        platform: a clone of this repository.
        origin: where the clone pushes to.
        registry: the registry.
        variables: of a step.
        said: what docker was called with.
    """

    service: Path
    platform: Path
    origin: Path
    registry: Registry
    variables: Mapping[str, str]
    said: Path

    @property
    def built(self) -> str:
        """The image that was built."""
        return (self.service / "reports" / "image-study-uat").read_text(encoding="utf-8").strip()

    def proposed(self, *arguments: str, host: HostServer) -> subprocess.CompletedProcess[str]:
        """Run the step that proposes."""
        variables = {**self.variables, **host.variables}
        return step("propose.sh", *arguments, variables=variables, cwd=self.platform, root=self.platform)


def docker(folder: Path, podman: Podman, registry: Registry, said: Path) -> Path:
    """A `docker` that is podman with a store of its own, and keeps what it was called with."""
    configuration = folder / "registries.conf"
    plain = f'[[registry]]\nlocation = "{registry.address}"\ninsecure = true\n'
    configuration.write_text(f'unqualified-search-registries = ["docker.io"]\n{plain}')
    program = folder / "docker"
    words = " ".join(f"'{each}'" for each in podman._command)
    program.write_text(
        f'#!/bin/sh\necho "$@" >>"{said}"\n'
        f'export CONTAINERS_REGISTRIES_CONF="{configuration}" BUILDAH_ISOLATION=chroot\n'
        f'export REGISTRY_AUTH_FILE="$DOCKER_CONFIG/config.json"\nexec {words} "$@"\n'
    )
    program.chmod(0o755)
    return program


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service whose image for uat is built and pushed."""
    folder = tmp_path_factory.mktemp("site")
    service, programs, store = folder / "service", folder / "bin", folder / "store"
    shutil.copytree(PROBE, service)
    git(service, "init", "--quiet")
    git(service, "add", "--all")
    git(service, "commit", "--quiet", "--message", "a service")
    for each in (store, programs, folder / "login", folder / "registry"):
        each.mkdir()
    podman = Podman(store)
    try:
        podman.make_base(base_tag(), Lines())
        with distribution(folder / "registry") as registry:
            found = platform_of(folder, registry)
            platform, origin = found.clone, found.origin
            said = folder / "said"
            docker(programs, podman, registry, said)
            variables = {
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "DOCKER_CONFIG": str(folder / "login"),
                "REGISTRY_USERNAME": USER,
                "REGISTRY_PASSWORD": PASSWORD,
            }
            verified = step("verify.sh", variables=variables, cwd=service, root=platform)
            assert verified.returncode == 0, verified.stdout
            arguments = ("study", "uat", f"{registry.address}/example", JAR)
            done = step("image.sh", *arguments, variables=variables, cwd=service, root=platform)
            assert done.returncode == 0, done.stdout + done.stderr
            yield Site(service, platform, origin, registry, variables, said)
    finally:
        podman.close()


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[HostServer]:
    with answering(HostServer(getattr(request, "param", "github"))) as found:
        yield found


def test_g23_the_image_is_pushed_under_a_tag_of_its_own_and_under_the_moving_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", site.variables["DOCKER_CONFIG"])
    name, _, tag = site.built.rpartition(":")
    assert name == f"{site.registry.address}/example/study"
    build = Build.of(tag)
    assert build is not None
    assert (build.profile, build.version) == ("uat", "1.0")
    assert git(site.service, "rev-parse", "HEAD").startswith(build.commit)
    assert build.time is not None
    registry = Asked(site.registry.address)
    assert sorted(registry.tags("example/study")) == sorted([tag, "uat-latest"])
    assert registry.digest("example/study", tag) == registry.digest("example/study", "uat-latest") is not None


def test_the_builder_is_called_as_the_guide_calls_it_and_no_secret_stands_in_a_command(site: Site) -> None:
    login, build, *pushes = site.said.read_text(encoding="utf-8").splitlines()
    assert login == f"login --username {USER} --password-stdin {site.registry.address}"
    wanted = (
        re.sub(r"-t .*", "-t ", GUIDE.removeprefix("docker ")).replace("=test", "=uat").replace("=oauth2", "=study")
    )
    words = re.sub(r"--build-arg (VERSION|REVISION|CREATED)=\S+ ", "", build)
    assert words.startswith(re.sub(r"JAR_FILE=\S+", f"JAR_FILE={Path(JAR).name}", wanted))
    assert [line.partition(":uat-")[2][:6] for line in pushes] == [
        "1.0-" + git(site.service, "rev-parse", "HEAD")[:2],
        "latest",
    ]
    assert PASSWORD not in site.said.read_text(encoding="utf-8")


def test_g23_the_image_gets_into_the_stack_file_by_one_pull_request_that_is_written_anew(
    site: Site, host: HostServer
) -> None:
    done = site.proposed("uat", "set-image", "study", site.built, host=host)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ackp/uat-study: proposed: https://git.example.com/shop/1" in done.stdout
    text = git(site.origin, "show", "ackp/uat-study:Pulumi.uat.yaml")
    image = yaml.safe_load(text)["config"]["ack-platform:services"]["study"]["image"]
    assert image["tag"] == site.built.rpartition(":")[2]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", image["digest"])
    assert git(site.origin, "diff", "--name-only", "main", "ackp/uat-study") == "Pulumi.uat.yaml"
    proposal = host.proposals["ackp/uat-study"]
    assert (proposal["title"], proposal["base"]) == ("uat: another image of study", "main")
    assert f"+    study: {{ image: {{ tag: {image['tag']}" in proposal["body"]
    again = site.proposed("uat", "set-image", "study", site.built, host=host)
    assert "already proposed, and pushed anew: https://git.example.com/shop/1" in again.stdout
    assert len(host.proposals) == 1
    assert TOKEN not in done.stdout + done.stderr + again.stdout + again.stderr

    git(site.origin, "update-ref", "refs/heads/main", "ackp/uat-study")
    merged = site.proposed("uat", "set-image", "study", site.built, host=host)
    assert merged.stdout.splitlines()[-1] == "uat: nothing to propose for study"
    assert merged.returncode == 0


def test_an_image_that_is_refused_is_proposed_to_nobody(site: Site, host: HostServer) -> None:
    done = site.proposed("test", "set-image", "study", site.built, host=host)
    assert done.returncode == 1
    assert "was built for the profile uat" in done.stderr
    assert host.proposals == {}
    assert "ackp/test-study" not in git(site.origin, "branch", "--list")


@pytest.mark.parametrize("host", ["github", "gitlab", "gitee"], indirect=True)
def test_a_pull_request_is_opened_once_on_each_host(host: HostServer) -> None:
    variables = {key: value for key, value in host.variables.items() if "REQUEST" not in key and key != "GITHUB_REF"}
    first = propose(variables, "ackp/uat-study", "main", "uat: another image of study", "text")
    assert first == ("https://git.example.com/shop/1", True)
    assert propose(variables, "ackp/uat-study", "main", "t", "x") == ("https://git.example.com/shop/1", False)
    assert propose(variables, "ackp/uat-exam", "main", "t", "x") == ("https://git.example.com/shop/2", True)


@pytest.mark.parametrize("host", ["codeup"], indirect=True)
def test_where_none_is_opened_by_a_step_it_is_said_that_the_branch_is_pushed(host: HostServer) -> None:
    with pytest.raises(SandboxError, match="On Codeup a pull request is opened by hand: the branch b is pushed"):
        propose(host.variables, "b", "main", "t", "x")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("image.sh", ("study", "uat", "registry.example.com/example")),
        ("image.sh", ("study", "uat", "registry.example.com/example", "nowhere.jar")),
        ("image.sh", ("study", "uat", "registry.example.com/example", "pyproject.toml", "uv.lock")),
        ("propose.sh", ("uat", "set-image")),
        ("propose.sh", ("uat", "rollback", "study")),
    ],
)
def test_wrong_usage_is_said(name: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = step(name, *arguments, variables={"REPORTS": str(tmp_path)})
    assert done.returncode == 2
    assert f"usage: pipelines/steps/{name} " in done.stderr


def test_a_version_that_no_tag_can_have_is_refused_before_anything_is_built(site: Site, tmp_path: Path) -> None:
    pom = tmp_path / "pom.xml"
    text = (PROBE / "pom.xml").read_text(encoding="utf-8")
    pom.write_text(text.replace("<version>1.0</version>", "<version>next+1</version>", 1), encoding="utf-8")
    before = site.said.read_text(encoding="utf-8")
    variables = {**site.variables, "POM": str(pom), "REPORTS": str(tmp_path)}
    arguments = ("study", "uat", f"{site.registry.address}/example", JAR)
    done = step("image.sh", *arguments, variables=variables, cwd=site.service, root=site.platform)
    assert done.returncode == 1
    assert 'the pom\'s version is "next+1": it must be one as 1.4.0' in done.stderr
    assert site.said.read_text(encoding="utf-8") == before
