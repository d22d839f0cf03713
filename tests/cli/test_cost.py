"""`ackp cost`: the page's example, one's own prices, what has no price."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.settings import ROOT

OURS = """\
asOf: "2026-01-31"
currency: CNY
regions:
  {region}:
    vcpuHour: {{ amount: 0.1, source: our contract }}
    memoryGibHour: {{ amount: 0.01, source: our contract }}
    eipHour: {{ amount: 0.02, source: our contract }}
"""


def run(*arguments: str) -> Any:
    """Run the command."""
    return CliRunner().invoke(app, ["cost", *arguments])


def test_the_page_shows_what_the_command_says() -> None:
    result = run("test")
    assert result.exit_code == 0
    page = (ROOT / "docs" / "how-to" / "estimate-the-cost.md").read_text(encoding="utf-8")
    shown = "\n".join(line.rstrip() for line in result.stdout.splitlines())
    assert f"```text\n{shown}\n```" in page


def test_ones_own_prices_are_taken_and_nothing_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(OURS.format(region="cn-hangzhou"), encoding="utf-8")
    result = run("uat", "--prices", str(file), "--json")
    found = json.loads(result.stdout)
    assert (found["asOf"], found["estimate"]) == ("2026-01-31", True)
    oauth2 = next(item for item in found["items"] if item["name"] == "oauth2")
    assert oauth2["parts"][-1] == {
        "product": "eip_hour",
        "amount": 2.0,
        "price": 0.02,
        "source": "our contract",
        "monthly": 29.2,
    }
    assert found["monthly"] == pytest.approx(sum(item["monthly"] for item in found["items"]), abs=0.05)
    assert "no price" not in run("uat", "--prices", str(file)).stdout


@pytest.mark.parametrize(
    ("region", "said"),
    [("cn-hangzou", 'did you mean "cn-hangzou"'), ("eu-central-1", "There are no prices for cn-hangzhou")],
)
def test_a_region_without_prices_says_so(tmp_path: Path, region: str, said: str) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(OURS.format(region=region), encoding="utf-8")
    result = run("uat", "--prices", str(file))
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.split())
    assert "--prices FILE takes your own" in " ".join(result.stderr.split())


def test_bad_input_is_one_report(tmp_path: Path) -> None:
    result = run("uat", "--prices", str(tmp_path / "none.yaml"))
    assert result.exit_code == 1
    assert "none.yaml" in result.stderr
    assert "Traceback" not in result.output
