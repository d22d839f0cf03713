"""A stand-in for the Kubernetes API: the list of a namespace's pods, as the API server writes it."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

TOKEN = "the-service-account-token"


@dataclass
class PodList:
    """The server, what it answers, and what it was asked."""

    pods: list[str]
    status: int = 200
    pretty: bool = False
    body: str | None = None
    """Answered instead of the list."""
    cut: int = 0
    """Bytes of the answer that are announced and never sent."""
    url: str = ""
    requests: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    def answer(self) -> bytes:
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
            for name in self.pods
        ]
        listed = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        whole = {**listed, "metadata": {"resourceVersion": "12345"}, "items": items}
        text = json.dumps(whole, indent=2) if self.pretty else json.dumps(whole, separators=(",", ":"))
        return (text if self.body is None else self.body).encode()


@contextmanager
def pod_list(*pods: str) -> Iterator[PodList]:
    """Serve a list of pods on 127.0.0.1."""
    state = PodList(list(pods))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append((self.path, self.headers["Authorization"], self.headers["Accept"]))
            body = state.answer()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - state.cut])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
