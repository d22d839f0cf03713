"""Single objects of a live cluster, by what their manifests say they are."""

from __future__ import annotations

from adopt.connection import APPLY, Connection, RefusedError
from adopt.snapshot import Object
from components.manifests.metadata import FIELD_MANAGER
from sandbox.cloud.kinds import plural_of

_DRY_RUN = {"fieldManager": FIELD_MANAGER, "dryRun": "All"}


class ApiServer:
    """The API server behind a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, api_version: str, kind: str, name: str, namespace: str | None) -> Object | None:
        """An object; None if there is none.

        Raises:
            RefusedError: The server refuses to show it.
            ClusterError: It does not answer.
        """
        try:
            return self._connection.get(path_of(api_version, kind, name, namespace))
        except RefusedError as error:
            if error.missing:
                return None
            raise

    def applied(self, manifest: Object) -> Object:
        """What a server-side apply of this program would make of an object, without making it.

        Raises:
            RefusedError: The server would refuse it; a conflict names the other manager.
            ClusterError: It does not answer.
        """
        return self._connection.patch(path_to(manifest), manifest, APPLY, _DRY_RUN)

    def forced(self, manifest: Object) -> Object:
        """The same where others own fields that the manifest states: as if they were taken from them.

        Raises:
            RefusedError: The server would refuse it.
            ClusterError: It does not answer.
        """
        return self._connection.patch(path_to(manifest), manifest, APPLY, {**_DRY_RUN, "force": "true"})


def path_of(api_version: str, kind: str, name: str | None, namespace: str | None) -> str:
    """The path of an object below the API server's address; of all of a kind where no name is given."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    place = f"/namespaces/{namespace}" if namespace else ""
    return "/".join([f"{root}{place}", plural_of(api_version, kind), *([name] if name else [])])


def path_to(manifest: Object) -> str:
    """The path of a live or stated object."""
    metadata = manifest["metadata"]
    return path_of(manifest["apiVersion"], manifest["kind"], metadata["name"], metadata.get("namespace"))
