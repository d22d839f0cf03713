"""What `make bench-rollout` measured, as tables and picture of the pages: `python -m tests.lifecycle.report`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.lifecycle.result import HEADINGS, Bench, Measured, as_row, predicted, read

PAGES: Final = Path(__file__).parents[2] / "docs" / "explanation"
DATA: Final = PAGES / "life-cycle.json"
PICTURE: Final = PAGES / "life-cycle.svg"

_LOST: Final[Mapping[str, tuple[str, ...]]] = {
    "life-cycle.md": HEADINGS,
    "life-cycle.zh-CN.md": ("方式", "消费者缓存", "变更", "次数", "经由", "请求", "失败", "最长停顿", "耗时"),
}
_SECONDS: Final[Mapping[str, tuple[str, ...]]] = {
    "life-cycle.md": (
        "mode",
        "consumers' cache",
        "last call by Nacos: computed",
        "measured",
        "last call by ALB: computed",
        "measured",
        "drain",
        "minReadySeconds",
        "rollout",
    ),
    "life-cycle.zh-CN.md": (
        "方式",
        "消费者缓存",
        "经由 Nacos 的最后一次调用：计算",
        "实测",
        "经由 ALB 的最后一次调用：计算",
        "实测",
        "drain",
        "minReadySeconds",
        "滚动发布",
    ),
}
_SIDECAR: Final = {
    "life-cycle.md": (
        "The sidecar at rest, over {seconds:.0f} s, in its control group: **{cpu:.1f} millicores** "
        "and a working set of **{memory:.1f} MiB**."
    ),
    "life-cycle.zh-CN.md": (
        "静止时的 sidecar，{seconds:.0f} 秒内其 cgroup 的数值：**{cpu:.1f} 毫核**，工作集 **{memory:.1f} MiB**。"
    ),
}
_WORDS: Final = {
    "rollout": "滚动发布",
    "scale up and down": "扩容再缩容",
    "pod deleted": "删除 Pod",
    "pod evicted": "驱逐 Pod",
    "process killed": "杀进程",
}
_MARKS: Final = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- /measured -->)", re.DOTALL)
_GOOD, _FAILED = "#9bc4a8", "#c0392b"


def page(name: str, bench: Bench) -> str:
    """A page with what was measured between its marks.

    Raises:
        LookupError: It has not one place for it.
    """
    text = (PAGES / name).read_text(encoding="utf-8")
    measured = "\n".join(_measured(name, bench))
    filled, places = _MARKS.subn(lambda _: f"{measured}\n", text)
    if places != 1:
        raise LookupError(f"{name} has {places} places between <!-- measured --> and <!-- /measured -->")
    return filled


def _measured(name: str, bench: Bench) -> Iterator[str]:
    chinese = name.endswith(".zh-CN.md")
    rows = [as_row(each) for scenario in bench.scenarios for each in scenario.results]
    if chinese:
        rows = [tuple(_WORDS.get(cell, cell) for cell in row) for row in rows]
    yield from _table(_LOST[name], rows)
    yield ""
    yield from _table(_SECONDS[name], [_seconds(each) for each in bench.scenarios])
    yield ""
    cost = bench.sidecar
    yield _SIDECAR[name].format(seconds=cost.seconds, cpu=cost.millicores, memory=cost.mebibytes)


def _seconds(measured: Measured) -> tuple[str, ...]:
    rollout = next(each for each in measured.results if each.change == "rollout")
    computed = predicted(rollout.cache)
    return (
        rollout.mode,
        f"{rollout.cache} s",
        f"{computed['Nacos']} s" if rollout.mode != "none" else "-",
        f"{measured.last_call['Nacos']:.1f} s",
        f"{computed['ALB']} s",
        f"{measured.last_call['ALB']:.1f} s",
        f"{measured.drain} s" if measured.drain else "-",
        f"{measured.min_ready} s",
        f"{rollout.seconds:.0f} s",
    )


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (headings, ["---"] * len(headings), *rows):
        yield f"| {' | '.join(row)} |"


def draw(bench: Bench, path: Path) -> None:
    """Draw good and failed requests of each second of a scenario's first rollout, a row for each scenario."""
    import matplotlib as mpl  # noqa: PLC0415 -- takes a second to import, and only the picture needs it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "life-cycle", "font.size": 9, "svg.fonttype": "none"})
    from matplotlib import pyplot as plt  # noqa: PLC0415 -- as above

    count = len(bench.scenarios)
    figure, rows = plt.subplots(count, 1, sharex=True, figsize=(8, 1.4 * count), squeeze=False)
    for row, scenario in zip(rows[:, 0], bench.scenarios, strict=True):
        seconds = scenario.first["Nacos"]
        good, failed = ([each[part] for each in seconds] for part in (0, 1))
        steps = [at for at in range(len(seconds)) if at in (0, len(seconds) - 1) or seconds[at] != seconds[at - 1]]
        answered, due = [good[at] for at in steps], [sum(seconds[at]) for at in steps]
        row.fill_between(steps, answered, step="post", color=_GOOD, linewidth=0, label="answered")
        row.fill_between(steps, answered, due, step="post", color=_FAILED, linewidth=0, label="failed")
        row.set_ylim(bottom=0)
        result = scenario.results[0]
        title = f"{result.mode}, consumers' cache {result.cache} s: {sum(failed)} of {sum(good) + sum(failed)} failed"
        row.set_title(title, loc="left", fontsize=9)
        row.set_ylabel("requests/s")
        row.spines[["top", "right"]].set_visible(False)
    rows[-1, 0].set_xlabel("seconds since the rollout began; by Nacos")
    rows[0, 0].legend(loc="upper right", fontsize=8, frameon=False, ncols=2, bbox_to_anchor=(1, 1.35))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def main() -> int:
    """Write both pages and the picture."""
    bench = read(DATA)
    for name in _LOST:
        (PAGES / name).write_text(page(name, bench), encoding="utf-8")
    draw(bench, PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
