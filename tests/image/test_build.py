"""The image, really built by the guide's command from a base that was made here (row G21)."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.manifests.env_vars import env_vars
from sandbox.progress import Lines
from tests.image.build import GUIDE, IMAGE, base_tag, build, built_image, context
from tests.image.conftest import DATA_DIR, Images, started
from tests.image.jars import BOOTS, JAR_FILE, PLAIN, probe_jar
from tests.image.podman import Podman
from tests.settings import settings


def environment(podman: Podman, image: str) -> dict[str, str]:
    """The variables of an image."""
    pairs = (pair.partition("=") for pair in podman.inspect(image)["Config"]["Env"])
    return {name: value for name, _, value in pairs}


def injected() -> dict[str, str]:
    """What the program gives a service of the name oauth2 in an environment of the name test."""
    stack = settings("test")
    return {each["name"]: each["value"] for each in env_vars(stack, "oauth2") if "value" in each}


def test_g21_the_guides_command_builds_the_image_unchanged(podman: Podman, images: Images) -> None:
    image = images.of(BOOTS[0])
    assert podman.inspect("oauth2:test-latest")["Id"].startswith(image[:12])


def test_g21_the_image_runs_as_a_user_of_no_rights_and_opens_port_80(podman: Podman, each_layout: str) -> None:
    config = podman.inspect(each_layout)["Config"]
    assert config["User"] == "10001:10001"
    assert config["ExposedPorts"] == {"80/tcp": {}}
    assert config["Entrypoint"] == ["/usr/local/bin/start.sh"]
    assert config["WorkingDir"] == "/app"


def test_g21_the_images_variables_are_those_that_the_program_gives(podman: Podman, images: Images) -> None:
    ours, program = environment(podman, images.of(PLAIN)), injected()
    guides = {"ENVIRONMENT", "EXECUTABLE_JAR", "DATA_DIR", "APP_DIR", "JVM_OPTIONS_BASE", "SYSTEM_OPTIONS"}
    shared = {*guides, "PROGRAM_PARAMS", "TZ", "LANG", "HOME"}
    assert {name: ours[name] for name in shared} == {name: program[name] for name in shared}
    assert set(ours) == shared | {"IMAGE_PROFILE", "JAVA_HOME", "LC_ALL", "PATH"}


def test_g21_data_dir_is_the_users_and_app_dir_is_not(podman: Podman, each_layout: str) -> None:
    listed = podman.run(
        each_layout,
        "-c",
        f"stat -c '%u %g %a %n' {DATA_DIR} /app; find /app ! -user 0",
        options=["--entrypoint", "sh"],
    )
    assert listed.stdout.splitlines() == [f"10001 10001 755 {DATA_DIR}", "0 0 755 /app"]


def test_g21_the_health_check_follows_the_port(podman: Podman, volume: Path, tmp_path: Path) -> None:
    folder = context(tmp_path / "context", probe_jar(PLAIN, Lines()))
    assert build(podman, folder, GUIDE.replace("test-latest", "docker"), "--format", "docker").returncode == 0
    check = podman.inspect("oauth2:docker")["Healthcheck"]["Test"]
    assert check[0] == "CMD"
    container = started(podman, "oauth2:docker", volume, "--then=listen", until="listening")
    assert podman.start("exec", container, *check[1:]).returncode == 0
    assert podman.start("exec", "--env", "SERVER_PORT=81", container, *check[1:]).returncode != 0


def test_the_labels_say_what_was_built_from_what(podman: Podman, tmp_path: Path) -> None:
    folder = context(tmp_path / "context", probe_jar(PLAIN, Lines()))
    stated = {
        "VERSION": "1.0.0",
        "REVISION": "3f2a9c1b",
        "CREATED": "2026-11-20T09:00:00Z",
        "SOURCE": "https://git.example.com/oauth2",
    }
    # Podman's cache takes a label with another value for the same.
    more = ["--no-cache", *(f"--build-arg={name}={value}" for name, value in stated.items())]
    done = build(podman, folder, GUIDE.replace("docker build", " ".join(["docker build", *more])))
    labels = podman.inspect(done.stdout.split()[-1])["Labels"]
    prefix = "org.opencontainers.image."
    assert {name: labels[f"{prefix}{name.lower()}"] for name in stated} == stated
    assert labels[f"{prefix}title"] == "oauth2"
    assert labels[f"{prefix}base.name"] == f"eclipse-temurin:{base_tag()}"


@pytest.mark.parametrize("packed", BOOTS[:2])  # layertools and tools
def test_a_change_of_code_uploads_the_application_alone(
    podman: Podman, images: Images, tmp_path: Path, packed: str
) -> None:
    before = podman.layers(images.of(packed))
    folder = context(tmp_path / "context", probe_jar(packed, Lines(), changed=True))
    done = build(podman, folder)
    assert done.returncode == 0, done.stdout
    changed = podman.layers(done.stdout.split()[-1])
    assert changed[:-1] == before[:-1]
    assert changed[-1] != before[-1]


def test_a_build_without_a_cache_makes_the_same_layer_of_the_same_libraries(
    podman: Podman, images: Images, tmp_path: Path
) -> None:
    before = podman.layers(images.of(BOOTS[1]))
    folder = context(tmp_path / "context", probe_jar(BOOTS[1], Lines(), changed=True))
    done = build(podman, folder, GUIDE.replace("docker build", "docker build --no-cache"))
    base, data_dir, *after, _ = podman.layers(done.stdout.split()[-1])
    assert [base, *after] == [before[0], *before[2:-1]]
    assert data_dir != before[1]  # an empty directory with the time of its making


@pytest.mark.parametrize(
    ("argument", "value", "said"),
    [
        ("PROFILE=test", "PROFILE=", 'PROFILE is "": it must be a DNS label'),
        ("PROFILE=test", "PROFILE=Test", 'PROFILE is "Test": it must be a DNS label'),
        ("PROFILE=test", "PROFILE=test-", 'PROFILE is "test-": it must be a DNS label'),
        ("PROFILE=test", f"PROFILE={'t' * 64}", "PROFILE has more than 63 characters"),
        ("--build-arg PROFILE=test", "", 'PROFILE is "": it must be a DNS label'),
        ("SERVICE=oauth2", "SERVICE=oauth_2", 'SERVICE is "oauth_2": it must be a DNS label'),
        (f"--build-arg JAR_FILE={JAR_FILE}", "", 'JAR_FILE is "": it must be the name of a jar beside'),
        ("JAR_FILE=", "JAR_FILE=target/", "it must be the name of a jar beside the Dockerfile"),
    ],
)
def test_a_build_argument_that_cannot_be_is_refused_in_one_line(
    podman: Podman, tmp_path: Path, argument: str, value: str, said: str
) -> None:
    folder = context(tmp_path / "context", probe_jar(PLAIN, Lines()))
    done = build(podman, folder, GUIDE.replace(argument, value))
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("image: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "exit status 64" in done.stdout


def test_a_jar_that_is_not_there_is_named_by_the_builder(podman: Podman, tmp_path: Path) -> None:
    folder = context(tmp_path / "context", probe_jar(PLAIN, Lines()))
    done = build(podman, folder, GUIDE.replace(JAR_FILE, "other.jar"))
    assert done.returncode != 0
    assert "other.jar" in done.stdout.splitlines()[-1]


def test_a_base_without_curl_is_refused(podman: Podman, tmp_path: Path) -> None:
    podman.make_base("bare", Lines(), instructions="RUN rm /usr/bin/curl")
    folder = context(tmp_path / "context", probe_jar(PLAIN, Lines()))
    more = "docker build --build-arg BASE_IMAGE=docker.io/library/eclipse-temurin:bare"
    done = build(podman, folder, GUIDE.replace("docker build", more))
    assert "image: the base image has no curl" in done.stdout


def test_the_image_of_a_jar_is_had_as_an_archive(tmp_path: Path) -> None:
    archive = built_image(probe_jar(PLAIN, Lines()), tmp_path / "study.tar", Lines(), service="study", profile="uat")
    index = subprocess.run(["tar", "-xOf", archive, "index.json"], capture_output=True, text=True, check=True).stdout
    assert '"localhost/study:uat-latest"' in index


def test_the_dockerfile_and_its_scripts_pass_hadolint_and_shellcheck() -> None:
    programs = Path(sys.executable).parent
    subprocess.run([programs / "hadolint", IMAGE / "Dockerfile"], check=True)
    subprocess.run([programs / "shellcheck", IMAGE / "start.sh"], check=True)


def test_the_builder_is_sent_nothing_but_the_jar_and_the_images_own_files(podman: Podman, tmp_path: Path) -> None:
    folder = context(tmp_path / "context", probe_jar(PLAIN, Lines()))
    (folder / "secrets.yaml").write_text("password: hunter2\n")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /all/\n")
    assert build(podman, folder, GUIDE.replace("test-latest", "all")).returncode == 0
    podman("save", "--format", "oci-dir", "--output", tmp_path / "all", "oauth2:all")
    layers = "; ".join(f"tar -tzf {path}" for path in (tmp_path / "all" / "blobs" / "sha256").iterdir())
    listed = subprocess.run(["sh", "-c", layers], capture_output=True, text=True, check=False).stdout
    assert sorted(re.findall(r"^all/(\S+)$", listed, re.MULTILINE)) == ["Dockerfile", JAR_FILE, "start.sh"]


def test_the_start_script_is_executable_and_has_a_real_shebang() -> None:
    assert (IMAGE / "start.sh").stat().st_mode & 0o111 == 0o111
    assert (IMAGE / "start.sh").read_bytes().startswith(b"#!/bin/sh\n")
    assert shutil.which("sh")
