"""The life-cycle pages show what was measured, and nothing else."""

from pathlib import Path

import pytest

from tests.lifecycle.report import DATA, PAGES, PICTURE, draw, page
from tests.lifecycle.result import read


@pytest.mark.parametrize("name", ["life-cycle.md", "life-cycle.zh-CN.md"])
def test_the_tables_are_those_of_the_last_measurement(name: str) -> None:
    assert (PAGES / name).read_text(encoding="utf-8") == page(name, read(DATA))


def test_the_picture_is_that_of_the_last_measurement(tmp_path: Path) -> None:
    draw(read(DATA), tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_bytes() == PICTURE.read_bytes()


def test_the_sidecar_lost_no_request_of_fifty_thousand_over_ten_rollouts() -> None:
    """Of a process that is killed, requests are lost in every mode."""
    measured = [each for each in read(DATA).scenarios if each.results[0].mode == "sidecar"]
    results = [each for scenario in measured for each in scenario.results if each.change != "process killed"]
    assert [each for each in results if each.failures] == []
    tuned = [each for each in results if each.cache == 5]
    assert sum(each.requests for each in tuned) >= 50_000
    assert next(each.times for each in tuned if each.change == "rollout") == 10


def test_a_rollout_with_the_sidecar_takes_at_most_half_as_long_again_as_without() -> None:
    took = {
        each.results[0].mode: each.results[0].seconds
        for each in read(DATA).scenarios
        if each.min_ready == 10 and each.results[0].cache == 5
    }
    assert took["sidecar"] <= 1.5 * took["none"]


def test_the_sidecar_at_rest_costs_less_than_twelve_megabytes_and_ten_millicores() -> None:
    cost = read(DATA).sidecar
    assert cost.seconds >= 299
    assert cost.mebibytes * 1.048576 < 12
    assert cost.millicores < 10
