"""What the API server says of a stack's objects, without keeping them: POST with a server-side dry run.

Quota, LimitRange, Pod Security and the ServiceAccount's existence are looked at when a pod is made, not when its
Deployment is. So a pod is made from every template too, in a real namespace with the stack's own labels and limits.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator, Sequence

from components.manifests.metadata import Manifest
from components.manifests.namespace import namespace
from config import StackSettings
from tests.cluster.api import Api, ApiException, Object
from tests.manifests.rules import pod_template

_IN_FORCE_SECONDS = 60
_LIMITS = ("ResourceQuota", "LimitRange")
_HASH = {"pod-template-hash": "5d9c7b8f6d"}
"""What the Deployment controller adds to the labels of a pod."""


class Admission:
    """An API server that is asked about many stacks.

    What was asked before is not asked again, so a stack that differs from another in one object costs one question.

    Args:
        api: The server.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._created: list[str] = []
        self._namespaces: dict[str, str] = {}
        self._accounts: set[tuple[str, str]] = set()
        self._answers: dict[str, str | None] = {}

    @property
    def asked(self) -> int:
        """How many different objects the server has judged."""
        return len(self._answers)

    def refusals(self, settings: StackSettings, objects: Sequence[Manifest]) -> list[str]:
        """What the server refuses of a stack's objects and of the pods made from them, with its own words."""
        try:
            place = self._namespace(settings, objects)
        except ApiException as error:
            return [_words(error)]
        found: list[str] = []
        for each in objects:
            if each["kind"] not in _LIMITS:  # they were created, not only tried
                found += self._ask(_moved(each, place))
        for pod in pods(objects, place):
            found += [*self._account(pod["spec"]["serviceAccountName"], place), *self._ask(pod)]
        return found

    def end(self) -> None:
        """Delete what was created for the questions."""
        for name in self._created:
            self._api.delete({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, "Background")

    def _ask(self, stated: Object) -> Iterator[str]:
        question = json.dumps(stated, sort_keys=True)
        if question not in self._answers:
            self._answers[question] = self._refusal(stated)
        if (answer := self._answers[question]) is not None:
            yield answer

    def _refusal(self, stated: Object) -> str | None:
        try:
            self._api.create(stated, dry_run=True)
        except ApiException as error:
            # Validation and admission come first: only the name is taken, by a stack that another test brought up.
            return None if _status(error)["reason"] == "AlreadyExists" else _words(error)
        return None

    def _namespace(self, settings: StackSettings, objects: Sequence[Manifest]) -> str:
        """A real namespace like the stack's own, with its limits in force."""
        labels = namespace(settings)["metadata"]["labels"]
        limits = [each for each in objects if each["kind"] in _LIMITS]
        key = json.dumps([labels, limits], sort_keys=True)
        if key not in self._namespaces:
            stated = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "asked-", "labels": labels}}
            self._created.append(str(self._api.create(stated)["metadata"]["name"]))
            for each in limits:
                self._in_force(self._api.create(_moved(each, self._created[-1])))
            self._namespaces[key] = self._created[-1]
        return self._namespaces[key]

    def _in_force(self, created: Object) -> None:
        """Wait until the controller has counted for a quota: before, the server refuses every pod."""
        deadline = time.monotonic() + _IN_FORCE_SECONDS
        while created["kind"] == "ResourceQuota":
            live = self._api.live(created)
            if live is not None and (live.get("status") or {}).get("hard") == created["spec"]["hard"]:
                return
            assert time.monotonic() < deadline, f"the quota is not in force after {_IN_FORCE_SECONDS} s: {live}"
            time.sleep(0.05)

    def _account(self, name: str, place: str) -> Iterator[str]:
        """A pod's ServiceAccount must exist: ours does by then, and one that is given does already."""
        if (name, place) not in self._accounts:
            self._accounts.add((name, place))
            try:
                metadata = {"name": name, "namespace": place}
                self._api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
            except ApiException as error:
                yield _words(error)


def pods(objects: Sequence[Manifest], place: str) -> Iterator[Object]:
    """A pod from each template, as its controller would make it."""
    for each in objects:
        template = pod_template(each)
        if template is None:
            continue
        labels = {**template["metadata"]["labels"], **(_HASH if each["kind"] == "Deployment" else {})}
        name = {"generateName": f"{each['metadata']['name']}-", "namespace": place}
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**template["metadata"], **name, "labels": labels},
            "spec": template["spec"],
        }


def _moved(stated: Manifest, place: str) -> Object:
    """An object of the stack's namespace as one of another namespace."""
    if "namespace" not in stated["metadata"]:
        return stated
    moved = copy.deepcopy(stated)
    moved["metadata"]["namespace"] = place
    for subject in moved.get("subjects", ()):
        subject["namespace"] = place
    return moved


def _words(error: ApiException) -> str:
    return str(_status(error)["message"])


def _status(error: ApiException) -> Object:
    """The Status object that the server answers with: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/."""
    status: Object = json.loads(error.body or "{}")
    return status
