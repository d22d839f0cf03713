"""`ackp report` on the command line: forms, files, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.console import NOTICE
from cost.prices import read_prices
from report.markdown import markdown
from report.preview import read_preview
from report.report import report
from tests.engine.conftest import Ackp
from tests.report.cases import CASES, GOLDEN, Scene
from tests.settings import ROOT


@pytest.fixture(scope="module")
def changed(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A stack of which a service is about to become public."""
    copy = scene.copy(tmp_path_factory.mktemp("changed"))
    copy.project.edit(CASES["newly-public"].edits)
    return copy


@pytest.fixture(scope="module")
def file(changed: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's preview of it in a file."""
    path = tmp_path_factory.mktemp("preview") / "preview.json"
    path.write_text(changed.preview(), encoding="utf-8")
    return path


def ackp(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cli.app import main; main()", "report", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=ROOT, check=False)


def test_the_report_of_a_preview_file_begins_with_the_headline_and_ends_with_its_code(file: Path) -> None:
    done = ackp("uat", "--preview", str(file))
    assert (
        done.stdout.splitlines()[0] == "uat: 1 service restarts, 0 replaced, 1 newly public, quota 64 % (limits.memory)"
    )
    assert "PUBLIC: new host admin.uat.example.com on HTTPS/443" in done.stdout
    assert (done.returncode, done.stderr) == (3, "")


def test_the_three_forms_say_the_same_from_a_file_and_from_standard_input(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = report(read_preview(text, "preview"), read_prices())
    assert json.loads(ackp("uat", "--preview", "-", "--json", stdin=text).stdout) == expected.json
    out = tmp_path / "report.md"
    done = ackp("uat", "--preview", str(file), "--markdown", "--out", str(out))
    assert out.read_text(encoding="utf-8") == markdown(expected)
    assert out.read_text(encoding="utf-8") == (GOLDEN / "newly-public.md").read_text(encoding="utf-8")
    assert (done.stdout, done.returncode) == (f"{expected.headline}\n", 3)


def test_one_run_writes_several_files_each_as_its_name_ends(file: Path, tmp_path: Path) -> None:
    names = ("report.md", "report.JSON", "report.txt", "report")
    outs = [word for name in names for word in ("--out", str(tmp_path / name))]
    done = ackp("uat", "--preview", str(file), *outs)
    expected = report(read_preview(file.read_text(encoding="utf-8"), "preview"), read_prices())
    written = {name: (tmp_path / name).read_text(encoding="utf-8") for name in names}
    assert written["report.md"] == markdown(expected)
    assert json.loads(written["report.JSON"]) == expected.json
    assert written["report.txt"] == written["report"] != written["report.md"]
    assert written["report.txt"].splitlines()[0] == expected.headline
    assert (done.stdout, done.stderr, done.returncode) == (f"{expected.headline}\n", "", 3)


def test_a_stated_format_is_that_of_every_file(file: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "one.txt", tmp_path / "two.md"]
    ackp("uat", "--preview", str(file), "--json", "--out", str(outs[0]), "--out", str(outs[1]))
    first, second = (json.loads(each.read_text(encoding="utf-8")) for each in outs)
    assert first == second


def test_the_cost_is_by_ones_own_prices_stated_or_of_the_environment(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, preview = tmp_path / "ours.yaml", tmp_path / "preview.json"
    price = "{ amount: 1, source: our contract }"
    prices = f"{{ cn-hangzhou: {{ vcpuHour: {price}, memoryGibHour: {price} }} }}"
    table.write_text(f'asOf: "2026-01-31"\ncurrency: USD\nregions: {prices}\n', encoding="utf-8")
    copy = scene.copy(tmp_path / "copy")
    copy.project.edit(CASES["more-replicas"].edits)
    preview.write_text(copy.preview(), encoding="utf-8")
    stated = ackp("uat", "--preview", str(preview), "--prices", str(table))
    assert stated.stdout.splitlines()[0].endswith(", ≈ +$1,673/month")
    monkeypatch.setenv("ACKP_PRICES", str(table))
    assert ackp("uat", "--preview", str(preview)).stdout == stated.stdout


def test_prices_that_cannot_be_read_are_one_report_and_nothing_is_written(file: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "report.md", tmp_path / "ours.yaml"
    table.write_text("currency: EUR\n", encoding="utf-8")
    done = ackp("uat", "--preview", str(file), "--prices", str(table), "--out", str(out))
    assert (done.returncode, done.stdout, out.exists()) == (1, "", False)
    assert all(key in done.stderr for key in ("ours.yaml", "currency", "asOf", "regions"))
    assert "Traceback" not in done.stderr


def test_without_a_file_the_sandbox_previews_and_its_notice_keeps_off_the_report(
    changed: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACKP_SANDBOX", str(changed.place.directory))
    code, out, error = Ackp(changed.project.root, "report", "uat", "--markdown").end()
    assert out == (GOLDEN / "newly-public.md").read_text(encoding="utf-8")
    assert code == 3
    assert NOTICE in error.splitlines()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", None])
def test_what_cannot_be_read_is_said_in_one_line_and_writes_nothing(tmp_path: Path, content: bytes | None) -> None:
    broken, out = tmp_path / "preview.json", tmp_path / "report.md"
    if content is not None:
        broken.write_bytes(content)
    done = ackp("uat", "--preview", str(broken), "--out", str(out))
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert str(broken) in line
    assert not out.exists()


def test_the_help_has_every_exit_code() -> None:
    words = " ".join(ackp("--help").stdout.split())
    for code, meaning in (
        (0, "nothing worse"),
        (3, "something becomes public"),
        (4, "something is"),
        (5, "data is lost"),
    ):
        assert f"{code} {meaning}" in words
