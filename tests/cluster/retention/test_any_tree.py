"""Whatever lies in the environment's directory, the log retention removes what the rules name and nothing else."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.retention.guide_nas import GONE
from tests.cluster.retention.image import SHELLS
from tests.cluster.retention.job import STACK, Retention, live_pods
from tests.cluster.retention.nas import Nas
from tests.cluster.retention.report import assert_the_rest_is_as_it_was, expected, reported
from tests.cluster.retention.rules import Rules

EXAMPLES = settings().max_examples // 5  # each is a run of the script
NAME_BYTES = 255
LIVE = "{live}"
"""Stands for the name of a live pod, which the server makes up."""


@dataclass(frozen=True)
class Thing:
    """A file, link or directory below the environment's directory, and its age."""

    path: str
    days: float
    kind: str = "file"
    size: int = 0
    target: str = ""


def _any_name() -> st.SearchStrategy[str]:
    """Any name that a file can have: what is no UTF-8 too, but no `/` and no end of string."""
    return st.binary(min_size=1, max_size=12).map(os.fsdecode).filter(lambda name: not set(name) & {"/", "\0"})


SERVICES = st.sampled_from(["file", "file", "file", "exam", "[a]* $(id)\n"])
FOLDERS = st.sampled_from(
    [
        *("", "", "", "", "logs", "logs", "logs", "gc", "gc", "dumps", "dumps", "tmp", "uploads", "logs/tmp", "Logs"),
        *("logs/error", "logs/info/2026/01", "logs/.hidden", "gc/tmp", "logs/dumps", "uploads/logs", "logs/a b\n"),
        *(f"{top}/{pod}" for top in ("logs", "gc", "dumps", "uploads") for pod in (GONE, LIVE)),
        *(f"dumps/{GONE}/1", f"dumps/{LIVE}/1", f"logs/{GONE}/x/y", f"logs/{LIVE}/x"),
    ]
)
STEMS = st.sampled_from(
    [
        *("", "a", "error", "info.2026-01-01", "b.1", "gc-", "gc-1", f"gc-{GONE}", f"gc-{LIVE}", GONE, LIVE),
        *("application", "application-uat", "bootstrap", "logback-spring", "my-application.1", "-rf", "two words-1"),
        *("line\nbreak", "*", "?", "[a]", "\\", "'", '"', "$(touch pwned)", "tmp", "file-error", "file-bcdfg-bcdfg"),
    ]
)
ENDS = st.sampled_from(
    [
        *(".log", ".log", ".log", ".log", ".log.1", ".log-20260101", ".gz", ".zip", ".hprof", ".hprof", ".hprof"),
        *(".yml", ".xml", ".txt", ".LOG", ".logs", ".log~", ".hprof.tmp", "", " ", "\n"),
    ]
)
NAMES = st.one_of(
    st.builds("{}{}".format, STEMS, ENDS),
    st.builds("{}{}".format, STEMS, ENDS),
    st.builds("{}{}{}".format, STEMS, _any_name(), ENDS),
    _any_name(),
).filter(lambda name: name not in {"", ".", ".."} and len(os.fsencode(name)) < NAME_BYTES - 40)
DAYS = st.builds(
    lambda days, seconds: days + seconds / 86400,
    st.sampled_from([-1.0, 0.0, 13.99, 14.01, 14.01, 20.0, 29.99, 30.01, 30.01, 31.0, 99.0, 4000.0]),
    st.integers(0, 3),
)
TARGETS = st.sampled_from(
    ["..", ".", "a.log", "nowhere", "/data/product-uat/exam", "/", "../../exam/logs", "/etc/hosts"]
)
PLACES = st.builds("{}/{}".format, SERVICES, FOLDERS)
PATHS = st.builds("{}/{}/{}".format, SERVICES, FOLDERS, NAMES).map(lambda path: path.replace("//", "/"))
LOGS = st.builds(
    "{}/{}/{}{}".format,
    SERVICES,
    st.sampled_from(["logs", "logs/error", "logs/.hidden", "gc", f"logs/{GONE}", f"logs/{LIVE}", "logs/tmp"]),
    STEMS,
    st.sampled_from([".log", ".log", ".log.1", ".log-1", ".gz", ".zip", ".txt"]),
)
DUMPS = st.builds(
    "{}/{}{}.hprof".format, SERVICES, st.sampled_from(["", "dumps/", f"dumps/{GONE}/", f"dumps/{LIVE}/"]), STEMS
)
POD_FOLDERS = st.builds(
    "{}/{}/{}".format,
    SERVICES,
    st.sampled_from(["logs", "gc", "dumps", "uploads", "logs/tmp", f"logs/{GONE}"]),
    st.sampled_from([GONE, f"{GONE}-1", LIVE, "exam-68bff5d45b-cgnd8", "debug"]),
)
SIZES = st.integers(0, 9)
THINGS = st.lists(
    st.one_of(
        *([st.builds(Thing, PATHS, DAYS, size=SIZES)] * 2),
        *([st.builds(Thing, LOGS, DAYS, size=SIZES)] * 2),
        *([st.builds(Thing, DUMPS, DAYS, size=SIZES)] * 2),
        st.builds(Thing, POD_FOLDERS | PLACES, DAYS, kind=st.just("directory")),
        st.builds(Thing, PATHS | PLACES, DAYS, kind=st.just("link"), target=TARGETS),
    ),
    min_size=25,
    max_size=60,
)
MARKS = st.sampled_from([{"file"}, {"file", "exam"}, {"file", "[a]* $(id)\n"}])


def test_g28_on_any_tree_exactly_what_the_rules_name_is_removed(retention: Retention) -> None:
    pods = retention.api.objects("v1", "Pod", STACK, {"app.kubernetes.io/name": "file"})
    live, names = pods[0]["metadata"]["name"], live_pods(retention.api)
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(THINGS, MARKS, st.sampled_from(SHELLS), st.integers(0, 4).map(lambda number: number == 0))
    def run(things: list[Thing], marked: set[str], shell: str, dry_run: bool) -> None:  # noqa: FBT001 -- a drawn value
        _fill(retention.nas, things, marked, live)
        before = retention.nas.tree()
        verdicts = Rules(names, time.time()).verdicts(before, dry_run=dry_run)
        done = retention.run(shell, dry_run=dry_run)
        after = retention.nas.tree()
        assert done.returncode == 0, done.stderr
        gone = {path for each in verdicts.values() for path in (*each.files, *each.directories)}
        assert set(before) - set(after) == (set() if dry_run else gone)
        assert_the_rest_is_as_it_was(before, after)
        assert reported(done) == expected(verdicts, "would remove" if dry_run else "removed")
        seen.update(examples=1, **{shell: 1, "dry runs": int(dry_run), "paths": len(before)})
        for each in verdicts.values():
            seen.update(files=len(each.files), directories=len(each.directories), live=each.live, newest=each.newest)

    run()
    assert seen["examples"] >= EXAMPLES
    few = {name: seen[name] for name in (*SHELLS, "dry runs", "directories", "live", "newest") if seen[name] < 3}
    assert not few, f"so rare that little was tried: {few}"
    assert EXAMPLES < seen["files"] < seen["paths"] / 3, "either hardly anything goes, or hardly anything stays"


def _fill(nas: Nas, things: Sequence[Thing], marked: set[str], live: str) -> None:
    nas.clear()
    for service in marked:
        nas.marked(service)
    for thing in things:
        path = thing.path.replace(LIVE, live)
        place = nas.root / path
        folders = [nas.root / each for each in place.relative_to(nas.root).parents]
        if any(each.is_symlink() or (each.exists() and not each.is_dir()) for each in folders) or os.path.lexists(
            place
        ):
            continue  # its place is taken by one before it
        if thing.kind == "link":
            nas.link(path, thing.target, thing.days)
        elif thing.kind == "directory":
            nas.directory(path, thing.days)
        else:
            nas.file(path, thing.days, b"x" * thing.size)
    for thing in things:  # a directory is as old as it was drawn, whatever came into it later
        place = nas.root / thing.path.replace(LIVE, live)
        if thing.kind == "directory" and place.is_dir() and not place.is_symlink():
            nas.directory(thing.path.replace(LIVE, live), thing.days)
