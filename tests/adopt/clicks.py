"""How the guide's objects came about: POST and PUT by the console, then people's tools, never server-side apply."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable

from tests.adopt.deployments import LAST_APPLIED, REDEPLOYED, RESTARTED
from tests.cluster.api import STRATEGIC, Api, ApiException, Object

CONSOLE = "ACK-Console Apache-HttpClient"
EDIT = "kubectl-edit"
APPLY = "kubectl-client-side-apply"
ROLLOUT = "kubectl-rollout"
CI = "okhttp"
"""What the API server calls a writer that does not say who it is: the first word of its user agent, here a Java
client's. https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers"""
ADD_ON = "alb-ingress-controller"

FOREIGN = frozenset({CONSOLE, EDIT, APPLY, ROLLOUT, CI, ADD_ON})
"""All whose fields no program will ever take away by itself; the controllers' own come on top."""

_SECONDS = 60
_CONFLICT = 409


def write(api: Api, objects: Iterable[Object]) -> None:
    """Make objects as they would have come about.

    The console, or `kubectl apply` where there is its annotation, makes each; kubectl edits what was added to it later;
    a Java client asks for a new start of the pods, and kubectl for another. So the fields of one object have up to four
    owners besides the controllers.
    """
    for stated in objects:
        if stated["kind"] == "Deployment":
            _write_deployment(api, stated)
        elif stated["kind"] == "AlbConfig":
            draft = copy.deepcopy(stated)
            draft["spec"]["listeners"] = draft["spec"]["listeners"][:1]
            api.create(draft, ADD_ON)
            _put(api, stated, CONSOLE)
        else:
            draft = copy.deepcopy(stated)
            annotations = draft["metadata"].pop("annotations", None)
            api.create(draft, CONSOLE)
            if annotations:
                _put(api, stated, EDIT)


def _write_deployment(api: Api, stated: Object) -> None:
    redeployed = copy.deepcopy(stated)
    restarted = redeployed["spec"]["template"]["metadata"]["annotations"].pop(RESTARTED, None)
    edited = copy.deepcopy(redeployed)
    edited["spec"]["template"]["metadata"]["annotations"].pop(REDEPLOYED)
    made = copy.deepcopy(edited)
    container = made["spec"]["template"]["spec"]["containers"][0]
    container.pop("lifecycle", None)
    container["env"].pop()
    api.create(made, APPLY if LAST_APPLIED in stated["metadata"]["annotations"] else CONSOLE)
    _put(api, edited, EDIT)
    _put(api, redeployed, CI)
    if restarted:
        annotations = {RESTARTED: restarted}
        patch = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
        api.patch(stated, patch, form=STRATEGIC, manager=ROLLOUT)


def _put(api: Api, stated: Object, manager: str) -> None:
    """PUT what is live with what a person changed in it: again, if a controller wrote meanwhile."""
    deadline = time.monotonic() + _SECONDS
    while True:
        live = api.live(stated)
        assert live is not None, stated["metadata"]
        metadata = {**live["metadata"], **stated["metadata"]}
        for part in ("labels", "annotations"):
            metadata[part] = {**live["metadata"].get(part, {}), **stated["metadata"].get(part, {})}
        metadata.pop("managedFields")
        try:
            api.replace({**stated, "metadata": metadata}, manager)
        except ApiException as error:
            if error.status != _CONFLICT or time.monotonic() > deadline:
                raise
        else:
            return
