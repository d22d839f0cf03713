"""Images that the tests of this folder share, and what start.sh needs to be run without one."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.progress import Lines
from tests.image.build import base_tag, build, context
from tests.image.jars import BOOTS, PLAIN, probe_jar
from tests.image.podman import Podman

DATA_DIR = "/product/test/oauth2"
"""Of the guide's example."""


@pytest.fixture(scope="session")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    store = Podman(tmp_path_factory.mktemp("store"))
    try:
        store.make_base(base_tag(), Lines())
        yield store
    finally:
        store.close()


@dataclass
class Images:
    """Images of the guide's command, each built when it is first asked for."""

    podman: Podman
    folder: Path
    built: dict[str, str] = field(default_factory=dict)

    def of(self, packed: str) -> str:
        """The image's id for `PLAIN` or a version of Spring Boot."""
        if packed not in self.built:
            done = build(self.podman, context(self.folder / packed, probe_jar(packed, Lines())))
            assert done.returncode == 0, done.stdout
            self.built[packed] = done.stdout.split()[-1]
        return self.built[packed]


@pytest.fixture(scope="session")
def images(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Images:
    return Images(podman, tmp_path_factory.mktemp("contexts"))


@pytest.fixture(params=[PLAIN, *BOOTS])
def each_layout(request: pytest.FixtureRequest, images: Images) -> str:
    return images.of(request.param)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A directory that the container's user may write, as a service's on the NAS."""
    made = tmp_path / "volume"
    made.mkdir()
    made.chmod(0o777)
    return made


def wait_until(happened: Callable[[], object], *, seconds: float = 120.0) -> None:
    """Wait until something is so."""
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit
        time.sleep(0.2)


def started(podman: Podman, image: str, volume: Path, *arguments: str, until: str) -> str:
    """The id of a container that runs, once it has said a text."""
    options = [
        *podman.limits("256m"),
        "--no-healthcheck",
        "--volume",
        f"{volume}:{DATA_DIR}",
        "--env",
        "POD_NAME=oauth2-0",
    ]
    container = podman("run", "--detach", *options, image, *arguments).strip()

    def said() -> bool:
        logs = podman("logs", container)
        assert podman.inspect(container)["State"]["Running"], logs
        return until in logs

    wait_until(said)
    return container
