"""A stack on a plane of its own, whose first run met an API server that was killed in the middle."""

from __future__ import annotations

import copy
import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from cluster.plane import RunningPlane, running_plane
from sandbox.progress import Lines
from tests.cluster.api import Api, Object
from tests.cluster.applier import Applier, RunError
from tests.cluster.platform import Platform, plan
from tests.cluster.program import Step
from tests.docs.documents import Page
from tests.settings import ROOT

Plan = Mapping[str, Step]

PAGE = Page(ROOT / "docs" / "how-to" / "when-up-fails.md")
MADE_UP = re.compile(r'pods "study-\w+-\w+"')
KILLED_AFTER = 25
SECONDS = 90


class MortalApi(Api):
    """An API whose server is killed when it has acknowledged so many objects; what is on its way then is cut off.

    Args:
        plane: The plane.
        number: How many.
    """

    def __init__(self, plane: RunningPlane, number: int) -> None:
        super().__init__(plane.kubeconfig)
        self._plane, self._left = plane, number
        self._lock = threading.Lock()
        self.killed = threading.Event()

    def create(self, stated: Object, manager: str = "test", *, dry_run: bool = False) -> Object:
        """POST; perhaps the last one."""
        created = super().create(stated, manager, dry_run=dry_run)
        with self._lock:
            self._left -= 1
            if not self._left:
                self._plane.kill("kube-apiserver")
                self.killed.set()
        return created


@dataclass
class Site:
    """The stack uat on a plane of its own, after its first run met a killed API server and the next run finished it.

    Attributes:
        plane: The plane.
        api: Its API.
        applier: With the state of the stack.
        plan: The stack's objects.
        report: What the killed run said.
        acknowledged: The uids of what it was told is created.
        next_report: What the next run said: empty, or about what had been created without a word.
    """

    plane: RunningPlane
    api: Api
    applier: Applier
    plan: Plan
    report: str = ""
    acknowledged: dict[str, str] = dataclasses.field(default_factory=dict)
    next_report: str = ""

    def part(self, prefix: str, **changes: object) -> dict[str, Step]:
        """The objects of the stack whose logical names begin so, with changes to the settings."""
        return {name: step for name, step in plan("uat", **changes).items() if name.startswith(prefix)}

    def uids(self, steps: Plan) -> dict[str, str]:
        """The uid of every live object of a plan."""
        live = {name: self.api.live(step.stated) for name, step in steps.items()}
        return {name: each["metadata"]["uid"] for name, each in live.items() if each}

    def versions(self, steps: Plan) -> dict[str, str]:
        """The resource version of every live object of a plan."""
        live = {name: self.api.live(step.stated) for name, step in steps.items()}
        return {name: each["metadata"]["resourceVersion"] for name, each in live.items() if each}

    def refused(self, steps: Plan, applier: Applier | None = None, patience: float = SECONDS) -> str:
        """The report of a run that fails: one message, as the page about failed runs shows it."""
        applier = applier or self.applier
        before, applier.patience = applier.patience, patience
        try:
            with pytest.raises(RunError) as failed:
                applier.up(steps)
        finally:
            applier.patience = before
        text = str(failed.value)
        assert [text.count(f"\n    {word} ") for word in ("said", "rule", "mend")] == [1, 1, 1], text
        assert undocumented(text) == []
        return text

    def finishes(self, steps: Plan, applier: Applier | None = None, **options: bool) -> None:
        """A run finishes, and a later one changes nothing once the controllers are at rest."""
        applier = applier or self.applier
        applier.up(steps, **options)
        applier.up(steps)  # the first write after a creation hands the fields over
        assert self.versions(steps).keys() == steps.keys()

        def changes_nothing() -> bool:
            before = self.versions(steps)
            applier.up(steps)
            return before == self.versions(steps)

        eventually(changes_nothing)


@contextmanager
def site_after_a_kill() -> Iterator[Site]:
    """Bring the stack uat up, kill the API server in the middle of it, start it again, and run once more."""
    with running_plane(Lines()) as plane:
        platform = Platform(Api(plane.kubeconfig), ("uat",))
        with platform.controlled():
            mortal = MortalApi(plane, KILLED_AFTER)
            found = Site(plane, platform.api, Applier(mortal), platform.plans["uat"])
            with ThreadPoolExecutor(1) as pool:
                run = pool.submit(found.applier.up, found.plan)
                assert mortal.killed.wait(SECONDS)
                plane.start("kube-apiserver")
                with pytest.raises(RunError) as killed:
                    run.result()
            found.report = str(killed.value)
            live = found.uids(found.plan)
            found.acknowledged = {
                name: live.get(name, "lost") for name, step in found.plan.items() if found.applier.knows(step.stated)
            }
            try:
                found.applier.up(found.plan)
            except RunError as error:
                found.next_report = str(error)
                found.applier.up(found.plan, upsert=True)
            yield found


def undocumented(report: str) -> list[str]:
    """The lines of a report that the page about failed runs does not show, numbers aside."""
    shown = {re.sub(r"\d+", "0", line) for block in PAGE.blocks for line in block.text.splitlines()}
    lines = [re.sub(r"\d+", "0", line) for line in report.splitlines() if line.startswith("    ")]
    return [line for line in lines if MADE_UP.sub("", line) not in {MADE_UP.sub("", each) for each in shown}]


def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def copied(steps: Plan, name: str, called: str) -> dict[str, Step]:
    """One object of a plan under another name."""
    stated = copy.deepcopy(steps[name].stated)
    stated["metadata"]["name"] = called
    return {name: dataclasses.replace(steps[name], stated=stated)}


def live(site: Site, stated: Object) -> dict[str, Any]:
    """What the server has of an object that must be there."""
    found = site.api.live(stated)
    assert found is not None
    return found
