"""What the API server says of a stack's objects, without keeping them: POST with a server-side dry run.

Quota, LimitRange, Pod Security and the ServiceAccount's existence are looked at when a pod is made, not when its
Deployment is. So what controllers make of the objects is tried too, in a real namespace with the stack's own labels and
limits.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.manifests.metadata import Manifest
from components.manifests.namespace import namespace
from config import StackSettings
from tests.cluster.api import Api, ApiException, Object
from tests.manifests.rules import pod_template

_IN_FORCE_SECONDS = 60
_LIMITS = ("ResourceQuota", "LimitRange")
_HASH = {"pod-template-hash": "5d9c7b8f6d"}
"""What the Deployment controller adds to the labels of a ReplicaSet and its pods."""


@dataclass(frozen=True)
class _Answer:
    """The server's answer: its refusal in its own words, or a pod as it completed it."""

    refusal: str | None
    made: Object | None = None


class Admission:
    """An API server that is asked about many stacks.

    What was asked before is not asked again, so a stack that differs from another in one object costs one question. The
    namespaces stay, with nothing in them, until the plane ends: to remove one costs more than to make ten.

    Args:
        api: The server.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._namespaces: dict[str, str] = {}
        self._answers: dict[str, _Answer] = {}

    @property
    def asked(self) -> int:
        """How many different objects the server has judged."""
        return len(self._answers)

    def refusals(self, settings: StackSettings, objects: Sequence[Manifest]) -> list[str]:
        """What the server refuses of a stack's objects, and of what controllers make of them."""
        try:
            place = self._like(settings, objects)
        except ApiException as error:
            return [_words(error)]
        asked = [self._ask(_moved(each, place)) for each in objects if each["kind"] not in _LIMITS]  # those are there
        asked += [answer for each in made(objects) for answer in self._make(each, place)]
        return [each.refusal for each in asked if each.refusal is not None]

    def pods(self, settings: StackSettings, objects: Sequence[Manifest]) -> dict[str, Object]:
        """A pod of each Deployment and CronJob, by `Deployment/name`, as the server completes it."""
        place = self._like(settings, objects)
        found = {}
        for each in objects:
            for pod in made([each]):
                *_, answer = self._make(pod, place)
                if pod["kind"] == "Pod":
                    assert answer.made is not None, answer.refusal
                    found[f"{each['kind']}/{each['metadata']['name']}"] = answer.made
        return found

    def refused_by_quota(
        self, hard: Mapping[str, str], asked: Sequence[Manifest], objects: Sequence[Manifest]
    ) -> dict[str, str]:
        """What an empty namespace with a quota, and the LimitRange of the objects, refuses: the words by kind."""
        limits = [each for each in objects if each["kind"] == "LimitRange"]
        quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "left", "namespace": ""}}
        place = self._namespace({}, [*limits, {**quota, "spec": {"hard": dict(hard)}}])
        found = {}
        for each in asked:
            *_, answer = self._make(each, place)
            if answer.refusal is not None:
                found[each["kind"]] = answer.refusal
        return found

    def _make(self, stated: Object, place: str) -> Iterator[_Answer]:
        """Ask about an object; a pod's ServiceAccount must exist: ours does by then, one that is given does already."""
        if stated["kind"] == "Pod":
            metadata = {"name": stated["spec"]["serviceAccountName"], "namespace": place}
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
            yield self._ask(account, dry_run=False)
        yield self._ask(_moved(stated, place))

    def _ask(self, stated: Object, *, dry_run: bool = True) -> _Answer:
        question = hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()
        if question not in self._answers:
            self._answers[question] = self._answer(stated, dry_run=dry_run)
        return self._answers[question]

    def _answer(self, stated: Object, *, dry_run: bool) -> _Answer:
        deadline = time.monotonic() + _IN_FORCE_SECONDS
        while True:
            try:
                created = self._api.create(stated, dry_run=dry_run)
                return _Answer(None, created if stated["kind"] == "Pod" else None)
            except ApiException as error:
                status = _status(error)
                if status["reason"] == "AlreadyExists":
                    # Validation and admission come first: only the name is taken, by a stack that another test has up.
                    return _Answer(None)
                if "status unknown for quota" not in status["message"] or time.monotonic() > deadline:
                    return _Answer(str(status["message"]))
                time.sleep(0.05)  # the server has not yet heard what the quota's controller counted

    def _like(self, settings: StackSettings, objects: Sequence[Manifest]) -> str:
        """A namespace like the stack's own."""
        labels = namespace(settings)["metadata"]["labels"]
        return self._namespace(labels, [each for each in objects if each["kind"] in _LIMITS])

    def _namespace(self, labels: Mapping[str, str], limits: Sequence[Manifest]) -> str:
        """A real namespace with its limits in force."""
        key = json.dumps([labels, limits], sort_keys=True)
        if key not in self._namespaces:
            stated = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "asked-", "labels": labels}}
            name = str(self._api.create(stated)["metadata"]["name"])
            self._until(lambda: self._api.read("v1", "ConfigMap", "kube-root-ca.crt", name), "its first object")
            for each in limits:
                self._in_force(self._api.create(_moved(each, name)))
            self._namespaces[key] = name
        return self._namespaces[key]

    def _in_force(self, created: Object) -> None:
        """Wait until the controller has counted for a quota: before, the server refuses every pod."""
        if created["kind"] == "ResourceQuota":
            hard = created["spec"]["hard"].keys()
            self._until(lambda: (self._live_hard(created) or {}).keys() == hard, "its quota in force")

    def _live_hard(self, quota: Object) -> Object | None:
        live = self._api.live(quota) or {}
        found: Object | None = (live.get("status") or {}).get("hard")
        return found

    @staticmethod
    def _until(condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + _IN_FORCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"a namespace is without {what} after {_IN_FORCE_SECONDS} s"
            time.sleep(0.05)


def made(objects: Sequence[Manifest]) -> Iterator[Object]:
    """What controllers make of the objects: the ReplicaSet and the Job, and a pod from each template."""
    for each in objects:
        template = pod_template(each)
        if template is None:
            continue
        metadata = {"generateName": f"{each['metadata']['name']}-", "namespace": each["metadata"]["namespace"]}
        if each["kind"] == "Deployment":
            labels = template["metadata"]["labels"] | _HASH
            template = {**template, "metadata": template["metadata"] | {"labels": labels}}
            selector = {"matchLabels": each["spec"]["selector"]["matchLabels"] | _HASH}
            kind = {"apiVersion": "apps/v1", "kind": "ReplicaSet"}
            yield {
                **kind,
                "metadata": metadata | {"labels": labels},
                "spec": {"selector": selector, "template": template},
            }
        else:
            kind = {"apiVersion": "batch/v1", "kind": "Job"}
            yield {
                **kind,
                "metadata": each["spec"]["jobTemplate"]["metadata"] | metadata,
                "spec": each["spec"]["jobTemplate"]["spec"],
            }
        kind = {"apiVersion": "v1", "kind": "Pod"}
        yield {**kind, "metadata": template["metadata"] | metadata, "spec": template["spec"]}


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
    """The Status that the server answers with.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    status: Object = json.loads(error.body or "{}")
    return status
