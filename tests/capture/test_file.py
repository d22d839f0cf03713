"""Where a capture goes."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest

from capture.file import written
from sandbox.problem import SandboxError


def test_a_file_is_there_at_the_end_for_its_owner_only(tmp_path: Path) -> None:
    place = tmp_path / "a.pcap"
    with written(str(place)) as file:
        file.write(b"one")
        assert not place.exists()
    assert place.read_bytes() == b"one"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [place]


def test_what_was_captured_before_an_interruption_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "a.pcap"
    with contextlib.suppress(KeyboardInterrupt), written(str(place)) as file:
        file.write(b"one")
        raise KeyboardInterrupt
    assert place.read_bytes() == b"one"


def test_a_capture_that_never_began_leaves_the_file_of_before(tmp_path: Path) -> None:
    place = tmp_path / "a.pcap"
    place.write_bytes(b"before")
    with pytest.raises(ValueError, match="none"), written(str(place)):
        raise ValueError("none")
    assert place.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize(("place", "said"), [(".", "is a folder"), ("none/a.pcap", "No such file or directory")])
def test_a_place_that_takes_no_file_is_refused_at_once(tmp_path: Path, place: str, said: str) -> None:
    with pytest.raises(SandboxError, match=said), written(str(tmp_path / place)):
        raise AssertionError
