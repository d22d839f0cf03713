"""A validating admission webhook: a server that the API server asks before it does what it was told.

Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.answering import answering
from tests.cluster.api import Api, Object


@contextmanager
def webhook(
    api: Api, certificate: Path, name: str, rules: Sequence[Object], judge: Callable[[Object], str | None]
) -> Iterator[None]:
    """Serve a webhook while the block runs.

    Args:
        api: The cluster.
        certificate: A certificate for 127.0.0.1, with its key in a `.key` file beside it.
        name: The webhook's name, and its configuration's.
        rules: Which requests it is asked about.
        judge: Says why a request is refused, or None.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            reason = judge(request)
            response: Object = {"uid": request["uid"], "allowed": reason is None}
            if reason is not None:
                response["status"] = {"message": reason, "code": 403}
            body = json.dumps(
                {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with answering(server), configured(api, certificate, name, rules, server.server_port):
        yield


@contextmanager
def configured(api: Api, certificate: Path, name: str, rules: Sequence[Object], port: int) -> Iterator[None]:
    """Have the API server ask whatever listens on a port, while the block runs."""
    authority = base64.b64encode(certificate.read_bytes()).decode()
    configuration = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [
            {
                "name": name,
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "timeoutSeconds": 10,
                "clientConfig": {"url": f"https://127.0.0.1:{port}/", "caBundle": authority},
                "rules": list(rules),
            }
        ],
    }
    api.create(configuration)
    try:
        yield
    finally:
        api.delete(configuration)
