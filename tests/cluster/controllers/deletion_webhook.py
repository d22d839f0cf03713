"""The webhook of the ALB Ingress Controller that keeps a Service or a TLS Secret from going while an Ingress uses it.

Imitated, after the release notes of version 2.20.0: the deletion of a Service, or of a Secret, that an Ingress of an
ALB uses is refused. https://www.alibabacloud.com/help/en/ack/product-overview/alb-ingress-controller
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cluster.api import Api, Object
from tests.cluster.controllers.alb import CLASS_CONTROLLER, backends

_NAME = "ingress.alb.validate.k8s.io"


@contextmanager
def deletion_webhook(api: Api, certificate: Path) -> Iterator[None]:
    """Serve the webhook while the block runs.

    Args:
        api: The cluster.
        certificate: A certificate for 127.0.0.1, with its key in a `.key` file beside it.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            user = _user_of(api, request["kind"]["kind"], request["namespace"], request["name"])
            response: Object = {"uid": request["uid"], "allowed": user is None}
            if user:
                response["status"] = {"message": f"{request['name']} is still used by ingress {user}", "code": 403}
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
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    configuration = _configuration(server.server_port, certificate)
    api.create(configuration)
    try:
        yield
    finally:
        api.delete(configuration)
        server.shutdown()
        thread.join()
        server.server_close()


def _user_of(api: Api, kind: str, namespace: str, name: str) -> str | None:
    """An Ingress of an ALB that uses a Service or Secret; the Ingress that is being deleted counts too."""
    classes = {
        each["metadata"]["name"]
        for each in api.objects("networking.k8s.io/v1", "IngressClass")
        if each["spec"].get("controller") == CLASS_CONTROLLER
    }
    for ingress in api.objects("networking.k8s.io/v1", "Ingress", namespace):
        used = (
            {service for service, _ in backends(ingress)}
            if kind == "Service"
            else {tls.get("secretName") for tls in ingress["spec"].get("tls") or ()}
        )
        if ingress["spec"].get("ingressClassName") in classes and name in used:
            return str(ingress["metadata"]["name"])
    return None


def _configuration(port: int, certificate: Path) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": _NAME},
        "webhooks": [
            {
                "name": _NAME,
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "timeoutSeconds": 10,
                "clientConfig": {
                    "url": f"https://127.0.0.1:{port}/",
                    "caBundle": base64.b64encode(certificate.read_bytes()).decode(),
                },
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["DELETE"],
                        "resources": ["services", "secrets"],
                    }
                ],
            }
        ],
    }
