"""The Kubernetes API for tests: objects as plain dicts, as the manifests are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import NotFoundError

__all__ = ["Api", "ApiException", "Object", "name_of"]

Object = dict[str, Any]

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON = "application/json-patch+json"


class Api:
    """A connection to a cluster.

    Args:
        kubeconfig: Whom to be, and where.
        discovered: The kubeconfig of a connection to the same cluster that knows its kinds already.

    Attributes:
        server: The API server's address.
    """

    def __init__(self, kubeconfig: Path, discovered: Path | None = None) -> None:
        configuration: Any = client.Configuration()
        loader: Any = config.load_kube_config
        loader(str(kubeconfig), client_configuration=configuration)
        configuration.connection_pool_maxsize = 64
        # It reads the environment before each request, in threads, while pytest writes there.
        configuration.refresh_api_key_hook = None
        self.server: str = configuration.host
        connection: Any = client.ApiClient
        dynamic_client: Any = dynamic.DynamicClient
        cache = (discovered or kubeconfig).with_suffix(".discovery")
        self._dynamic = dynamic_client(connection(configuration), cache_file=str(cache))

    def kind(self, api_version: str, kind: str) -> Any:
        """The client of a kind."""
        return self._dynamic.resources.get(api_version=api_version, kind=kind)

    def definitions(self) -> Object:
        """The schemas of all kinds, from the server's OpenAPI."""
        found: Object = json.loads(self._dynamic.request("get", "/openapi/v2", serialize=False).data)["definitions"]
        return found

    def read(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """An object; None if there is none."""
        try:
            return _plain(self.kind(api_version, kind).get(name=name, namespace=namespace))
        except NotFoundError:
            return None

    def objects(
        self, api_version: str, kind: str, namespace: str | None = None, labels: dict[str, str] | None = None
    ) -> list[Object]:
        """All objects of a kind, in one namespace or in all."""
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items()) or None
        found = _plain(self.kind(api_version, kind).get(namespace=namespace, label_selector=selector))
        return [{"apiVersion": api_version, "kind": kind, **each} for each in found["items"]]

    def live(self, stated: Object) -> Object | None:
        """What the server has of an object."""
        return self.read(stated["apiVersion"], stated["kind"], *name_of(stated))

    def create(self, stated: Object, manager: str = "test", *, dry_run: bool = False) -> Object:
        """POST."""
        return _plain(self._of(stated).create(body=stated, **_options(manager, dry_run=dry_run)))

    def apply(self, stated: Object, manager: str = "test", *, force: bool = False, dry_run: bool = False) -> Object:
        """Server-side apply; with force, fields that others own are taken from them."""
        name, namespace = name_of(stated)
        return _plain(
            self._of(stated).server_side_apply(
                body=stated, name=name, namespace=namespace, force_conflicts=force, **_options(manager, dry_run=dry_run)
            )
        )

    def replace(self, stated: Object, manager: str = "test") -> Object:
        """PUT."""
        name, namespace = name_of(stated)
        options = _options(manager, dry_run=False)
        return _plain(self._of(stated).replace(body=stated, name=name, namespace=namespace, **options))

    def patch(
        self,
        stated: Object,
        patch: Object | list[Object],
        *,
        form: str = MERGE,
        part: str | None = None,
        manager: str | None = None,
        dry_run: bool = False,
    ) -> Object:
        """PATCH an object, or a part (`status`, `scale`) of it."""
        resource = self._of(stated)
        target = getattr(resource, part) if part else resource
        name, namespace = name_of(stated)
        options = {"field_manager": manager} if manager else {}
        options |= {"dry_run": "All"} if dry_run else {}
        return _plain(target.patch(body=patch, name=name, namespace=namespace, content_type=form, **options))

    def post(self, stated: Object, part: str, body: Object) -> Object:
        """POST to a part (`token`, `eviction`) of an object."""
        name, namespace = name_of(stated)
        return _plain(getattr(self._of(stated), part).create(body=body, name=name, namespace=namespace))

    def delete(self, stated: Object, propagation: str = "Foreground") -> None:
        """DELETE; an object that is not there is no error."""
        name, namespace = name_of(stated)
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        try:
            self._of(stated).delete(name=name, namespace=namespace, body=options)
        except NotFoundError:
            return

    def warnings(self, namespace: str | None = None) -> Iterator[str]:
        """The warnings among the events, for failure messages."""
        for event in self.objects("v1", "Event", namespace):
            if event.get("type") == "Warning":
                about = event["involvedObject"]
                yield f"{about['kind']}/{about['name']}: {event.get('reason')}: {event.get('message')}"

    def last_warning(self, stated: Object) -> str | None:
        """The newest warning about an object, or about what was made for it: `reason: message`."""
        name, namespace = name_of(stated)
        about = [
            event
            for event in self.objects("v1", "Event", namespace)
            if event.get("type") == "Warning" and f"{event['involvedObject'].get('name')}-".startswith(f"{name}-")
        ]
        if not about:
            return None
        last = max(about, key=lambda event: int(event["metadata"]["resourceVersion"]))
        return f"{last.get('reason')}: {last.get('message')}"

    def _of(self, stated: Object) -> Any:
        return self.kind(stated["apiVersion"], stated["kind"])


def name_of(stated: Object) -> tuple[str, str | None]:
    """Name and namespace."""
    return stated["metadata"]["name"], stated["metadata"].get("namespace")


def _options(manager: str, *, dry_run: bool) -> dict[str, Any]:
    return {"field_manager": manager, **({"dry_run": "All"} if dry_run else {})}


def _plain(answer: Any) -> Object:
    found: Object = answer.to_dict()
    return found
