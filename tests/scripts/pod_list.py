"""A stand-in for the Kubernetes API: the list of a namespace's pods, as the API server writes it for curl."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.answering import answering

TOKEN = "the-service-account-token"


def _listed(pods: tuple[str, ...]) -> bytes:
    """The list in the API's own order of keys: ``name`` first in each ``metadata``."""
    items = [
        {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": {
                "name": name,
                "generateName": f"{name.rsplit('-', 1)[0]}-",
                "labels": {"name": "gateway"},
                "annotations": {"note": json.dumps({"metadata": {"name": "not-a-pod"}})},
                "ownerReferences": [{"kind": "ReplicaSet", "name": "gateway-68bff5d45b"}],
            },
        }
        for name in pods
    ]
    kind = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
    return json.dumps({**kind, "metadata": {"resourceVersion": "12345"}, "items": items}, indent=2).encode()


@contextmanager
def pod_list(*pods: str) -> Iterator[str]:
    """Serve a list of pods on 127.0.0.1 to whoever has the token; what the real server answers is in tests/cluster.

    Yields:
        The server's address.
    """
    body = _listed(pods)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.headers["Authorization"] == f"Bearer {TOKEN}" else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with answering(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"
