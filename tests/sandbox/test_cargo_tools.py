"""Programs from crates, with a cargo of the test's own in place of the real one."""

from pathlib import Path

import pytest

from sandbox.cargo_tools import CargoTools, crate_programs
from sandbox.engine import WayFailedError
from tests.sandbox.machine import Said, program

TOOLS = CargoTools("registry", "1.2.3", first_time="a moment")
CARGO = """
echo "$@" >>"$XDG_CACHE_HOME/calls"
while [ "$1" != --root ]; do shift; done
echo '    Updating crates index' >&2
echo '   Compiling actix v0.13.5' >&2
mkdir -p "$2/bin" "$2/target"
echo 'echo served' >"$2/bin/registry"
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without cargo and with an empty cache; returns the first folder on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def test_a_crate_is_built_once_with_its_exact_version_and_its_own_lock_file(machine: Path, tmp_path: Path) -> None:
    program(machine / "cargo", CARGO)
    place = crate_programs(TOOLS, Said())
    assert crate_programs(TOOLS, Said()) == place
    [call] = (tmp_path / "cache" / "calls").read_text().splitlines()
    assert call.startswith("install registry --version =1.2.3 --locked --root ")
    assert (place / "registry").read_text() == "echo served\n"
    assert [each.name for each in place.parent.iterdir()] == ["bin"], "what the compiler left is gone"


def test_without_cargo_the_reason_and_the_way_to_it_are_said(machine: Path) -> None:
    assert machine.exists()
    with pytest.raises(WayFailedError, match=r"no `cargo` on PATH: https://www\.rust-lang\.org/tools/install"):
        crate_programs(TOOLS, Said())


def test_a_failed_build_gives_cargo_s_own_reason_and_leaves_nothing_in_the_cache(machine: Path) -> None:
    program(machine / "cargo", "echo 'error[E0433]: failed to resolve: nowhere' >&2; exit 101")
    with pytest.raises(WayFailedError, match=r"`cargo install` failed: failed to resolve: nowhere"):
        crate_programs(TOOLS, Said())
    assert not TOOLS.place.parent.exists()
