"""What pulumi-kubernetes says when the API server refuses an object, does not answer, or a wait was in vain.

Sources: `Create` and `Update` in
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go, `handleSSAErr` in
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/await.go, and for the connection
https://pkg.go.dev/net/url#Error. The API server's own words are its real ones.
"""

from __future__ import annotations

import json
from contextlib import suppress

from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from tests.cluster.api import Api, ApiException, Object, name_of

_LINK = "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/"
_LIVE = "failed to fully initialize or become live"
_ADVICE = "The resource already exists in the cluster. This can happen when:\n\n  - Renaming a Pulumi resource"


def not_created(urn: str, words: str) -> str:
    """A create was refused."""
    advice = f"\n\n{_ADVICE}" if words.endswith("already exists") else ""
    return f'resource "{urn}" was not successfully created by the Kubernetes API server: {words}{advice}'


def not_updated(stated: Object, words: str) -> str:
    """An update was refused."""
    if words.startswith("Apply failed with"):
        manager = stated["metadata"]["annotations"]["pulumi.com/patchFieldManager"]
        words = (
            f"server-side apply field conflict detected, see {_LINK} for troubleshooting help\n"
            f'The resource managed by field manager "{manager}" had an apply conflict: {words}'
        )
    return f'the Kubernetes API server reported that "{identity(stated)}" {_LIVE}: {words}'


def not_ready(urn: str, stated: Object, reasons: list[str], *, created: bool) -> str:
    """An object was written and did not come up: each reason of its own is told, as the engine does."""
    wrapping = (
        f'resource "{urn}" was successfully created, but the Kubernetes API server reported that it {_LIVE}'
        if created
        else f'the Kubernetes API server reported that "{identity(stated)}" {_LIVE}'
    )
    told = [f"{wrapping}: '{stated['metadata']['name']}' timed out waiting to be Ready", *reasons]
    return f"{len(told)} errors occurred:\n" + "".join(f"\t* {each}\n" for each in told)


def words_of(error: ApiException | HTTPError, api: Api, verb: str) -> str:
    """The API server's words, or those of a connection to it that failed."""
    if isinstance(error, ApiException):
        status: Object = json.loads(error.body or "{}")
        return str(status.get("message") or error.reason)
    if isinstance(error, MaxRetryError) and isinstance(error.reason, NewConnectionError):
        address = api.server.partition("//")[2]
        return f'{verb} "{api.server}{error.url}": dial tcp {address}: connect: connection refused'
    return f'{verb} "{api.server}": EOF'


def reasons(api: Api, stated: Object, missing: str) -> list[str]:
    """Why an object is not there yet: its conditions as the provider tells them, and the last warning about it."""
    if stated["kind"] != "Deployment":
        return [missing, *_last_warning(api, stated)]
    with suppress(HTTPError):
        conditions = ((api.live(stated) or {}).get("status") or {}).get("conditions") or ()
        told = [
            f"[{each['reason']}] {each['message']}"
            for each in conditions
            if each["type"] in ("Progressing", "Available") and each["status"] != "True"
        ]
        return [*told, "Minimum number of live Pods was not attained", *_last_warning(api, stated)]
    return [missing]


def _last_warning(api: Api, stated: Object) -> list[str]:
    with suppress(ApiException, HTTPError):  # not ours to read, or the connection is lost
        return [warning] if (warning := api.last_warning(stated)) else []
    return []


def identity(stated: Object) -> str:
    """`namespace/name`, or `name`."""
    name, namespace = name_of(stated)
    return f"{namespace}/{name}" if namespace else name
