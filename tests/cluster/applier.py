"""Applies a stack as the engine and pulumi-kubernetes do, without either.

The engine: an object is written once all that it needs is written and awaited, many at a time; removal is the reverse.
The provider, since 4.29 (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/await.go): POST to
create, an error if the object exists; later server-side apply under the object's own field manager, once what the
creating manager owns was handed over to it; DELETE with foreground propagation, awaited.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from kubernetes.dynamic.exceptions import ConflictError

from tests.cluster.api import JSON, Api, Object, name_of
from tests.cluster.program import Step
from tests.cluster.waits import settle_seconds, waiting_for

CREATOR = "pulumi-kubernetes"
"""The field manager that a POST of the provider is recorded under."""

_AT_ONCE = 64
_POLL_SECONDS = 0.2


class WaitError(AssertionError):
    """An object did not become what the provider waits for."""


class Applier:
    """Brings stacks up and down.

    Args:
        api: The cluster, as the identity that runs `pulumi up`.
        patience: Seconds that one object may take; the provider's own limits are ten minutes and more.
    """

    def __init__(self, api: Api, patience: float = 90.0) -> None:
        self.api = api
        self._patience = patience
        self._created: set[str] = set()  # what the engine's state would say

    def up(self, plan: Mapping[str, Step]) -> None:
        """Write every object, in the plan's order.

        Raises:
            ApiException: The API server refused one.
            WaitError: One was accepted and did not come up.
        """
        _in_order({name: step.after for name, step in plan.items()}, lambda name: self._write(plan[name]))

    def down(self, plan: Mapping[str, Step]) -> None:
        """Delete every object that is not retained, in the reverse of the plan's order.

        Raises:
            WaitError: One did not go.
        """
        users: dict[str, set[str]] = {name: set() for name in plan}
        for name, step in plan.items():
            for needed in step.after & set(plan):
                users[needed].add(name)
        _in_order({name: frozenset(each) for name, each in users.items()}, lambda name: self._remove(plan[name]))

    def change(self, old: Mapping[str, Step], new: Mapping[str, Step]) -> None:
        """Bring a stack that is up from one plan to another: first what is new, then away with what is left over.

        An object that the new plan names otherwise is created under its new name before the old one goes.

        Raises:
            WaitError: As `up` and `down`.
        """
        self.up(new)
        kept = {_called(step.stated) for step in new.values()}
        self.down({name: step for name, step in old.items() if _called(step.stated) not in kept})

    def update(self, stated: Object) -> Object:
        """Server-side apply, as for an object that the provider created."""
        manager = stated["metadata"]["annotations"]["pulumi.com/patchFieldManager"]
        while True:
            live = self.api.live(stated)
            assert live is not None, f"{_called(stated)} is gone"
            try:
                if patches := hand_over(live, manager):
                    self.api.patch(stated, patches, form=JSON)
            except ConflictError:  # a controller wrote in between; its every write is another chance
                continue
            return self.api.apply(stated, manager)

    def _write(self, step: Step) -> None:
        if _called(step.stated) in self._created:
            self.update(step.stated)
        else:
            self.api.create(step.stated, CREATOR)
            self._created.add(_called(step.stated))
        self._wait(step.stated, lambda: waiting_for(self.api, step.stated), settle_seconds(step.stated))

    def _remove(self, step: Step) -> None:
        if not step.retained:
            self.api.delete(step.stated)
            self._wait(step.stated, lambda: "it is still there" if self.api.live(step.stated) else None)
        self._created.discard(_called(step.stated))

    def _wait(self, stated: Object, missing: Callable[[], str | None], settle: float = 0.0) -> None:
        begin = quiet_since = time.monotonic()
        while True:
            reason, now = missing(), time.monotonic()
            if reason:
                quiet_since = now
            elif now - quiet_since >= settle:
                return
            if now - begin > self._patience + settle:
                warnings = "\n".join(self.api.warnings(stated["metadata"].get("namespace")))
                raise WaitError(f"{_called(stated)}: {reason} after {now - begin:.0f} s\n{warnings}")
            time.sleep(_POLL_SECONDS)


def hand_over(live: Object, manager: str) -> list[Object]:
    """The JSON patch that gives a manager's server-side apply what the creating manager owns; empty if it owns nothing.

    Source: `fixCSAFieldManagers` in await.go, and
    https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
    """
    entries: list[Object] = live["metadata"].get("managedFields") or []
    given = [each for each in entries if each["manager"] == CREATOR and each["operation"] == "Update"]
    given = [each for each in given if "subresource" not in each]
    if not given:
        return []
    applied = [each for each in entries if each["manager"] == manager and each["operation"] == "Apply"]
    owned: Object = {}
    for each in [*applied, *given]:
        _merge(owned, each["fieldsV1"])
    others = [each for each in entries if each not in given and each not in applied]
    joined = {**given[0], "manager": manager, "operation": "Apply", "fieldsV1": owned}
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [joined, *others]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]


def _merge(into: Object, fields: Object) -> None:
    for key, value in fields.items():
        _merge(into.setdefault(key, {}), value)


def _in_order(needs: Mapping[str, frozenset[str]], act: Callable[[str], Any]) -> None:
    """Act on every name once all that it needs is done; the first error ends it, after what is at work."""
    open_needs = {name: set(each) & set(needs) for name, each in needs.items()}
    running: dict[Future[Any], str] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while open_needs or running:
            for name in [name for name, each in open_needs.items() if not each]:
                del open_needs[name]
                running[pool.submit(act, name)] = name
            assert running, f"these wait for each other: {sorted(open_needs)}"
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                future.result()
                for each in open_needs.values():
                    each.discard(name)


def _called(stated: Object) -> str:
    name, namespace = name_of(stated)
    return f"{stated['kind']} {namespace or ''}/{name}"
