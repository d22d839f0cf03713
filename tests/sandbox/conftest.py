"""A planted cloud for each test: the shipped seed, or one without add-ons and what they bring."""

import shutil
from pathlib import Path

import pytest
import yaml

from sandbox.cloud.contents import Contents
from sandbox.cloud.seed import plant

SEED = Path(__file__).parents[2] / "sandbox" / "seed.yaml"


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cloud") / "contents.jsonl"
    contents = Contents(path)
    plant(contents, SEED)
    contents.close()
    return path


@pytest.fixture
def planted(_seeded: Path, tmp_path: Path) -> Path:
    """A contents file with the shipped seed."""
    return Path(shutil.copy(_seeded, tmp_path / "contents.jsonl"))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A contents file with the cluster and its network only: no add-on, no load balancer, no given objects."""
    document = yaml.safe_load(SEED.read_text(encoding="utf-8"))
    kept = ("vpc/network", "vpc/switch", "cs/managedKubernetes")
    document["alicloud"] = {kind: items for kind, items in document["alicloud"].items() if kind in kept}
    document["kubernetes"] = [item for item in document["kubernetes"] if item["kind"] == "Namespace"]
    seed = tmp_path / "seed.yaml"
    seed.write_text(yaml.safe_dump(document), encoding="utf-8")
    contents = Contents(tmp_path / "bare.jsonl")
    plant(contents, seed)
    contents.close()
    return tmp_path / "bare.jsonl"
