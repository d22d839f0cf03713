"""The services of the life cycle's tests, as Maven made them."""

import shutil
import zipfile
from pathlib import Path

import pytest

from sandbox.engine import WayFailedError
from sandbox.progress import Lines
from tests.lifecycle import jars
from tests.lifecycle.jars import MODULES, PAIRS, Pair

CLIENTS = {"boot-2.7": "nacos-client-2.2.0.jar", "boot-4.0": "nacos-client-3.1.1.jar"}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.profile)
@pytest.mark.parametrize("module", MODULES)
def test_a_service_carries_the_client_that_its_pair_stands_for(pair: Pair, module: str) -> None:
    with zipfile.ZipFile(jars.jars(pair, Lines()) / f"{module}.jar") as jar:
        libraries = {Path(name).name for name in jar.namelist()}
    assert CLIENTS[pair.profile] in libraries


def test_other_sources_are_other_jars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = PAIRS[0].place
    changed = tmp_path / "services"
    shutil.copytree(jars.SOURCES, changed)
    monkeypatch.setattr(jars, "SOURCES", changed)
    assert PAIRS[0].place == before
    with (changed / "pom.xml").open("a") as pom:
        pom.write("<!-- another -->\n")
    assert PAIRS[0].place != before


def test_without_maven_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(WayFailedError, match="no `mvn` or no `javac` on PATH"):
        jars.jars(PAIRS[0], Lines())
