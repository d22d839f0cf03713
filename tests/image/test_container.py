"""The image run as its pods run: no right but to write DATA_DIR and /tmp, a memory limit, process 1 (rows G21, G22)."""

import re
from pathlib import Path

import pytest

from tests.image.base import JAVA_HOME
from tests.image.conftest import DATA_DIR, Images, started, wait_until
from tests.image.jars import BOOTS, JAR_FILE, PLAIN
from tests.image.podman import Podman

MI = 1 << 20


def mounted(volume: Path) -> list[str | Path]:
    return ["--volume", f"{volume}:{DATA_DIR}", "--env", "POD_NAME=oauth2-0"]


def test_g22_every_layout_starts_with_what_the_guide_gives_it(podman: Podman, each_layout: str, volume: Path) -> None:
    done = podman.run(each_layout, "two words", options=mounted(volume))
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert "argument --spring.profiles.active=test" in lines
    assert f"argument --spring.config.additional-location=optional:file:{DATA_DIR}/" in lines
    assert "argument two words" in lines
    assert "property server.port=80" in lines
    assert {"charset UTF-8", "zone Asia/Shanghai"} <= set(lines)


@pytest.mark.parametrize("packed", BOOTS)
def test_the_libraries_are_there_in_every_layout(podman: Podman, images: Images, packed: str, volume: Path) -> None:
    done = podman.run(images.of(packed), options=mounted(volume))
    assert re.search(r"^library jar:file:/app/\S+spring-core-\S+$", done.stdout, re.MULTILINE), done.stdout


def test_the_heap_follows_the_containers_memory_limit(podman: Podman, images: Images, volume: Path) -> None:
    done = podman.run(images.of(PLAIN), options=mounted(volume), memory="400m")
    found = re.search(r"^heap (\d+)$", done.stdout, re.MULTILINE)
    assert found
    assert 0.5 * 400 * MI < int(found[1]) <= 0.6 * 400 * MI
    assert "heap 240 MiB of 400 MiB" in done.stdout


def test_a_heap_that_does_not_fit_the_memory_limit_is_refused(podman: Podman, images: Images, volume: Path) -> None:
    done = podman.run(images.of(PLAIN), options=mounted(volume), variables={"JVM_OPTIONS_BASE": "-Xmx512m"})
    assert done.returncode == 78
    assert re.fullmatch(
        r"start\.sh: the heap of 512 MiB does not fit the memory limit of 256 MiB: [^\n]+\n", done.stdout
    )


def test_sigterm_reaches_the_service_which_is_process_1(podman: Podman, images: Images, volume: Path) -> None:
    container = started(podman, images.of(PLAIN), volume, "--then=listen", until="listening")
    assert podman("exec", container, "cat", "/proc/1/comm").strip() == "java"
    podman("kill", "--signal", "TERM", container)
    assert podman("wait", container).strip() == "143"
    assert "stopping" in podman("logs", container)


def test_sigterm_before_java_is_there_ends_the_container(podman: Podman, images: Images, volume: Path) -> None:
    slow = volume / "java" / "bin" / "java"
    slow.parent.mkdir(parents=True)
    slow.write_text(f'#!/bin/sh\ntouch {DATA_DIR}/asked\nsleep 3\nexec {JAVA_HOME}/bin/java "$@"\n')
    slow.chmod(0o755)
    home = ["--env", f"JAVA_HOME={DATA_DIR}/java"]
    container = podman("run", "--detach", *podman.limits("256m"), *mounted(volume), *home, images.of(PLAIN)).strip()
    wait_until((volume / "asked").exists)
    podman("kill", "--signal", "TERM", container)
    assert podman("wait", container).strip() == "143"
    assert podman("logs", container) == ""


def test_g22_dumps_survive_the_container_and_the_next_one_is_not_refused(
    podman: Podman, images: Images, volume: Path
) -> None:
    for _ in range(2):
        done = podman.run(
            images.of(BOOTS[-1]), "--then=oom", options=mounted(volume), variables={"JVM_OPTIONS_BASE": "-Xmx16m"}
        )
        assert done.returncode == 3, done.stdout
    dumps = list(volume.glob("dumps/oauth2-0/*/java_pid1.hprof"))
    assert len(dumps) == 2
    assert all(dump.stat().st_uid == 10001 for dump in dumps)
    assert len(list(volume.glob("gc/oauth2-0/gc-*.log"))) == 2


def test_a_directory_that_kubelet_made_as_root_is_refused_in_one_line(
    podman: Podman, images: Images, volume: Path
) -> None:
    volume.chmod(0o755)
    done = podman.run(images.of(PLAIN), options=mounted(volume))
    assert done.returncode == 73
    assert re.fullmatch(rf"start\.sh: DATA_DIR {DATA_DIR} is not writable for user 10001: [^\n]+\n", done.stdout)


@pytest.mark.parametrize("packed", [PLAIN, *BOOTS])
def test_a_jar_of_another_name_is_refused_in_every_layout(
    podman: Podman, images: Images, packed: str, volume: Path
) -> None:
    done = podman.run(images.of(packed), options=mounted(volume), variables={"EXECUTABLE_JAR": "other.jar"})
    assert done.returncode == 66, done.stdout
    assert done.stdout.count("\n") == 1
    assert JAR_FILE in done.stdout


def test_an_image_of_test_does_not_start_in_uat(podman: Podman, images: Images, volume: Path) -> None:
    done = podman.run(images.of(PLAIN), options=mounted(volume), variables={"ENVIRONMENT": "uat"})
    assert done.returncode == 64
    assert done.stdout == (
        "start.sh: this image was built with PROFILE=test and is started for uat: use the image built for uat\n"
    )
