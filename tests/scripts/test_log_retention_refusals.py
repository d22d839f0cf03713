"""What the log retention script refuses before anything is removed, and what it leaves alone for want of a mark."""

from pathlib import Path

import pytest

from tests.scripts.pod_list import TOKEN
from tests.scripts.volume import Volume


def refused(volume: Volume, **changes: str) -> str:
    """The script's refusal; nothing may be gone."""
    volume.file("logs/old.1.log", days=99)
    before = volume.files()
    done = volume.run(**changes)
    assert done.returncode == 2, done.stdout + done.stderr
    assert volume.files() == before
    assert done.stdout == ""
    assert TOKEN not in done.stderr
    return done.stderr


def test_a_directory_without_the_mark_is_left_alone_while_the_marked_are_cleaned(volume: Volume) -> None:
    volume.service("tools", marked=False)
    kept = volume.file("logs/old.1.log", days=99, service="tools")
    gone = volume.file("logs/old.1.log", days=99)
    done = volume.run()
    assert done.returncode == 0
    assert "left alone without the mark DATA_DIR/.log-retention, which a person sets with touch: tools/" in done.stderr
    assert kept.exists()
    assert not gone.exists()


def test_it_refuses_when_no_directory_has_the_mark(volume: Volume) -> None:
    (volume.root / "file" / ".log-retention").unlink()
    assert "refused: no directory has the mark" in refused(volume)


@pytest.mark.parametrize("create", [True, False])
def test_it_refuses_an_empty_root(volume: Volume, tmp_path: Path, *, create: bool) -> None:
    empty = tmp_path / "empty"
    if create:
        empty.mkdir()
    assert f"refused: {empty} holds no directory of a service" in refused(volume, ROOT=str(empty))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DRY_RUN", "no", "DRY_RUN is neither true nor false"),
        ("DRY_RUN", "unset", "DRY_RUN is not set"),
        ("ROOT", "", "ROOT is not set"),
        ("POD_NAME", "unset", "POD_NAME is not set"),
        ("LOGS_DAYS", "-1", "not a number: -1"),
        ("LOGS_DAYS", "0", "must be 1 or more"),
        ("DUMPS_DAYS", "1e3", "not a number: 1e3"),
        ("LOGS_DAYS", "08", "not a number: 08"),
        ("KEEP_DUMPS", "99999999", "not a number: 99999999"),
    ],
)
def test_it_refuses_a_setting_that_makes_no_sense(volume: Volume, name: str, value: str, said: str) -> None:
    assert said in refused(volume, **{name: value})


def test_a_mark_that_is_only_reached_by_a_link_is_none(volume: Volume) -> None:
    (volume.root / "file").rename(volume.root.parent.parent / "elsewhere")
    volume.service("other", marked=False)
    (volume.root / "file").symlink_to(volume.root.parent.parent / "elsewhere")
    done = volume.run()
    assert done.returncode == 2
    assert "refused: no directory has the mark" in done.stderr
