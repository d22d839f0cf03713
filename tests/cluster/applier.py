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
from urllib3.exceptions import HTTPError

from sandbox.failure import Failed, report
from tests.cluster.api import JSON, Api, ApiException, Object
from tests.cluster.program import Step
from tests.cluster.waits import settle_seconds, waiting_for
from tests.cluster.words import identity, not_created, not_ready, not_updated, reasons, words_of

CREATOR = "pulumi-kubernetes"
"""The field manager that a POST of the provider is recorded under."""

_AT_ONCE = 64
_POLL_SECONDS = 0.2


class RunError(AssertionError):
    """A run failed; the text is the product's own report of what the provider would have said.

    Attributes:
        failed: Each failed resource with the provider's words.
    """

    def __init__(self, operation: str, failed: list[Failed]) -> None:
        super().__init__(report(operation, failed))
        self.failed = failed


class _FailedError(Exception):
    """One step failed."""

    def __init__(self, step: Step, said: str) -> None:
        super().__init__(said)
        self.failed = Failed(step.urn, said, identity(step.stated))


class Applier:
    """Brings stacks up and down.

    Args:
        api: The cluster, as the identity that runs `pulumi up`.
        patience: Seconds that one object may take; the provider's own limits are the objects' own, or ten minutes.

    Attributes:
        patience: As given.
    """

    def __init__(self, api: Api, patience: float = 90.0) -> None:
        self.api = api
        self.patience = patience
        self._created: set[str] = set()  # what the engine's state would say

    def up(self, plan: Mapping[str, Step], *, force: bool = False, upsert: bool = False) -> None:
        """Write every object, in the plan's order. After a failure nothing new is begun, and what is at work ends.

        Args:
            plan: The objects.
            force: Take fields from other managers, as with PULUMI_K8S_ENABLE_PATCH_FORCE.
            upsert: Take over what exists already, as with PULUMI_K8S_UPSERT_EXISTING_OBJECTS.

        Raises:
            RunError: The API server refused objects or was away, or objects did not come up.
        """
        needs = {name: step.after for name, step in plan.items()}
        _in_order("up", needs, lambda name: self._write(plan[name], force=force, upsert=upsert))

    def knows(self, stated: Object) -> bool:
        """Whether it was told that an object is created: whether it is in the engine's state."""
        return _called(stated) in self._created

    def refresh(self, plan: Mapping[str, Step]) -> None:
        """Forget what is not there any more, as `pulumi refresh` does."""
        for step in plan.values():
            if self.api.live(step.stated) is None:
                self._created.discard(_called(step.stated))

    def down(self, plan: Mapping[str, Step]) -> None:
        """Delete every object that is not retained, in the reverse of the plan's order.

        Raises:
            RunError: One did not go.
        """
        users: dict[str, set[str]] = {name: set() for name in plan}
        for name, step in plan.items():
            for needed in step.after & set(plan):
                users[needed].add(name)
        needs = {name: frozenset(each) for name, each in users.items()}
        _in_order("down", needs, lambda name: self._remove(plan[name]))

    def change(self, old: Mapping[str, Step], new: Mapping[str, Step]) -> None:
        """Bring a stack that is up from one plan to another: first what is new, then away with what is left over.

        An object that the new plan names otherwise is created under its new name before the old one goes.

        Raises:
            RunError: As `up` and `down`.
        """
        self.up(new)
        kept = {_called(step.stated) for step in new.values()}
        self.down({name: step for name, step in old.items() if _called(step.stated) not in kept})

    def update(self, stated: Object, *, force: bool = False) -> Object:
        """Server-side apply, as for an object that the provider created."""
        manager = stated["metadata"]["annotations"]["pulumi.com/patchFieldManager"]
        while True:
            live = self.api.live(stated)
            if live is None:  # the words of the PATCH then
                return self.api.patch(stated, {})
            try:
                if patches := hand_over(live, manager):
                    self.api.patch(stated, patches, form=JSON)
            except ConflictError:  # a controller wrote in between; its every write is another chance
                continue
            return self.api.apply(stated, manager, force=force)

    def _write(self, step: Step, *, force: bool, upsert: bool) -> None:
        stated, created = step.stated, _called(step.stated) not in self._created
        try:
            if not created:
                self.update(stated, force=force)
            elif upsert:
                self.api.apply(stated, stated["metadata"]["annotations"]["pulumi.com/patchFieldManager"], force=force)
            else:
                self.api.create(stated, CREATOR)
        except (ApiException, HTTPError) as error:
            words = words_of(error, self.api, "Post" if created else "Patch")
            raise _FailedError(step, not_created(step.urn, words) if created else not_updated(stated, words)) from None
        self._created.add(_called(stated))
        missing = self._waited_for(lambda: waiting_for(self.api, stated), settle_seconds(stated))
        if missing:
            told = reasons(self.api, stated, missing)
            raise _FailedError(step, not_ready(step.urn, stated, told, created=created))

    def _remove(self, step: Step) -> None:
        if not step.retained:
            try:
                self.api.delete(step.stated)
            except (ApiException, HTTPError) as error:
                raise _FailedError(step, words_of(error, self.api, "Delete")) from None
            missing = self._waited_for(lambda: "it is still there" if self.api.live(step.stated) else None)
            if missing:
                finalizers = ", ".join((self.api.live(step.stated) or {})["metadata"].get("finalizers") or ())
                blocked = f"finalizers might be preventing deletion ({finalizers})"
                raise _FailedError(step, f"timed out waiting for the condition\n{blocked}")
        self._created.discard(_called(step.stated))

    def _waited_for(self, missing: Callable[[], str | None], settle: float = 0.0) -> str | None:
        """What is still missing after the patience; None once nothing was for so long. A lost connection is missing."""
        begin = quiet_since = time.monotonic()
        while True:
            try:
                reason = missing()
            except HTTPError as error:
                reason = words_of(error, self.api, "Get")
            now = time.monotonic()
            if reason:
                quiet_since = now
            elif now - quiet_since >= settle:
                return None
            if now - begin > self.patience + settle:
                return f"{reason or 'it is not quiet'} after {now - begin:.0f} s"
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


def _in_order(operation: str, needs: Mapping[str, frozenset[str]], act: Callable[[str], Any]) -> None:
    """Act on every name once all that it needs is done; after a failure nothing new begins, and what is at work ends.

    Raises:
        RunError: With every failure.
    """
    open_needs = {name: set(each) & set(needs) for name, each in needs.items()}
    running: dict[Future[Any], str] = {}
    failed: list[Failed] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while running or (open_needs and not failed):
            for name in [] if failed else [name for name, each in open_needs.items() if not each]:
                del open_needs[name]
                running[pool.submit(act, name)] = name
            assert running, f"these wait for each other: {sorted(open_needs)}"
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                try:
                    future.result()
                except _FailedError as error:
                    failed.append(error.failed)
                for each in open_needs.values():
                    each.discard(name)
    if failed:
        raise RunError(operation, failed)


def _called(stated: Object) -> str:
    return f"{stated['kind']} {identity(stated)}"
