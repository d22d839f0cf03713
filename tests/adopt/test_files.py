"""Files are added to without touching what stands there, and written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adopt.files import Files
from adopt.finding import AdoptError
from adopt.known import Unknown
from adopt.yaml_text import extended, round_trip, yaml_text
from config.files import read_yaml
from tests.program.stacks import FOLDERS

KEYS = st.sampled_from(["a", "$patch", "b/c.d"])
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
WORDS = st.sampled_from(
    ["on", "012", "1e3", "null", "2026-09-20", "1:30", "~", "{a}", "- a", "a: b", "0x1", "a #b", ""]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**15), 10**15), TEXT, WORDS, st.just("a\nb\n")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner)),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["one", "two", "f:x"]), VALUES, min_size=1))
def test_whatever_is_written_is_read_back_as_itself(values: dict[str, Any]) -> None:
    file = read_yaml(_Text(yaml_text(values)))  # type: ignore[arg-type] # it is only read
    assert (file.values, file.problems) == (values, ())


@pytest.mark.parametrize("stack", FOLDERS)
def test_every_line_of_a_file_stays_as_it_is_and_new_keys_come_beside_them(stack: str) -> None:
    text = (FOLDERS[stack] / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    added = {
        "ack-platform:cluster": {"region": "another", "note": "on"},
        "ack-platform:services": {
            "gateway": {"image": {"tag": "another"}, "tmpSize": "1Gi"},
            "new": {"image": {"tag": "a"}},
        },
    }
    result = extended(text, {"config": added})
    lines = result.splitlines()
    kept = iter(lines)
    assert all(line in kept for line in text.splitlines()), "a line is gone, or has moved"
    assert sorted(set(lines) - set(text.splitlines())) == [
        "      image: {tag: a}",
        "      tmpSize: 1Gi",
        "    new:",
        '    note: "on"',
    ]
    assert extended(result, {"config": added}) == result


def test_a_placeholder_is_filled_in_and_nothing_else() -> None:
    text = "a: # one\n  id: '<fill in: here>'\n  list: # two\n    - {id: '<fill in: x>'}\n  kept: 1\n"
    assert extended(text, {"a": {"id": "c1", "list": [{"id": "v1"}], "kept": 2}}) == (
        "a: # one\n  id: 'c1'\n  list: # two\n    - {id: v1}\n  kept: 1\n"
    )
    assert extended(text, {"a": {"id": Unknown("here", "c")}}) == text


def test_an_interrupted_write_leaves_whole_files_and_none_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "services.yaml", tmp_path / "Pulumi.uat.yaml"
    first.write_text("old\n", encoding="utf-8")
    first.chmod(0o640)
    second.write_text("old\n", encoding="utf-8")
    files = Files({first: "new\n", second: "new\n"})
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target == second:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(AdoptError, match=r"Pulumi\.uat\.yaml cannot be written.*\n.*No space left"):
            files.write()
    assert (first.read_text(encoding="utf-8"), second.read_text(encoding="utf-8")) == ("new\n", "old\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Pulumi.uat.yaml", "services.yaml"]
    assert first.stat().st_mode & 0o777 == 0o640

    files.write()
    assert second.read_text(encoding="utf-8") == "new\n"


class _Text:
    """A file that is a text."""

    name = "any.yaml"

    def __init__(self, text: str) -> None:
        self._text = text

    def read_text(self, encoding: str) -> str:
        del encoding
        return self._text


@pytest.mark.parametrize("text", ["?0", "0?", "?", "a ?b", "a, b?", "{?}", "a: ?"])
def test_a_question_mark_on_one_line_with_others_is_read_as_it_was_written(text: str) -> None:
    values = {"env": [{"name": "DATA_DIR", "value": text}], "labels": {"a": text}}
    written = yaml_text(values)
    assert yaml.safe_load(written) == values
    assert round_trip().load(written) == values
