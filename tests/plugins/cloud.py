"""What Alibaba Cloud answers when the plug-in asks for what a stack is given, replayed on a loopback port.

Replayed, after the API references, and nothing else is answered, so nothing can be created:

- The add-ons of a cluster: ListAddons, GetClusterAddonInstance, DescribeAddon.
  https://api.alibabacloud.com/document/CS/2015-12-15/overview
- ALBs: ListLoadBalancers, GetLoadBalancerAttribute. https://api.alibabacloud.com/document/Alb/2020-06-16/overview
- File systems and mount targets: DescribeFileSystems, DescribeMountTargets.
  https://api.alibabacloud.com/document/NAS/2017-06-26/overview
- Certificates: ListUserCertificateOrder. https://api.alibabacloud.com/document/cas/2020-04-07/overview
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.answering import answering

Answers = Mapping[str, Any]
"""What the data sources answer, by name, as `tests.given_cloud.answers` has it."""


@contextmanager
def cloud(answers: Answers, certificate: Path) -> Iterator[dict[str, str]]:
    """Answer while the block runs.

    Args:
        answers: What exists.
        certificate: A certificate for 127.0.0.1, with its key in a `.key` file beside it.

    Yields:
        The environment with which the plug-in asks here, with credentials that are worth nothing.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = add_ons(answers, urlsplit(self.path).path)
            self._answer(found, {"code": "AddonNotFound", "message": self.path})

        def do_POST(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            query |= parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
            action = self.headers.get("x-acs-action") or query.get("Action", [""])[0]
            self._answer(given(answers, action), {"Code": "Forbidden", "Message": f"{action} is not for reading"})

        def _answer(self, found: object, refusal: object) -> None:
            body = json.dumps(refusal if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with answering(server):
        yield {
            **DUMMY,
            **{
                f"ALIBABA_CLOUD_ENDPOINT_{each}": f"127.0.0.1:{server.server_port}"
                for each in ("CAS", "CS", "ALB", "NAS")
            },
            "SSL_CERT_FILE": str(certificate),
        }


DUMMY = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "dummy",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "dummy",
    "ALIBABA_CLOUD_ACCOUNT_TYPE": "Domestic",  # else the plug-in asks the billing API, for half a minute
}
"""Credentials that are worth nothing; the plug-in asks nobody about them."""


def add_ons(answers: Answers, path: str) -> object:
    """The answer of ACK's API to a GET; None where there is nothing."""
    installed = {each["name"]: each["currentVersion"] for each in answers["getKubernetesAddons"]["addons"]}
    if path == "/addons":
        return {"addons": [{"name": name, "version": version} for name, version in installed.items()]}
    name = path.rpartition("/")[2]
    if name not in installed:
        return None
    return {"name": name, "version": installed[name], "state": "active", "config": "{}"}


def given(answers: Answers, action: str) -> object:
    """The answer of the APIs of ALB, NAS and CAS to an action; None for one that is not for reading what is given."""
    balancers = [
        {
            "LoadBalancerId": each["id"],
            "VpcId": each["vpcId"],
            "LoadBalancerEdition": each["loadBalancerEdition"],
            "DNSName": each["dnsName"],
            "LoadBalancerStatus": "Active",
            "AccessLogConfig": {},
            "DeletionProtectionConfig": {},
            "ModificationProtectionConfig": {},
        }
        for each in answers.get("getLoadBalancers", {}).get("balancers", ())
    ]
    systems = [
        {"FileSystemId": each["id"], "ProtocolType": each["protocolType"], "MeteredSize": 0}
        for each in answers.get("getFileSystems", {}).get("systems", ())
    ]
    targets = [
        {"MountTargetDomain": each["mountTargetDomain"], "VpcId": each["vpcId"], "Status": "Active"}
        for each in answers.get("getMountTargets", {}).get("targets", ())
    ]
    certificates = [
        {"CertificateId": int(each["id"]), "CommonName": each["common"], "Sans": each["sans"]}
        for each in answers.get("getServiceCertificates", {}).get("certificates", ())
    ]
    return {
        "ListUserCertificateOrder": {"CertificateOrderList": certificates, "TotalCount": len(certificates)},
        "ListLoadBalancers": {"LoadBalancers": balancers, "TotalCount": len(balancers)},
        "GetLoadBalancerAttribute": next(iter(balancers), None),
        "DescribeFileSystems": {"FileSystems": {"FileSystem": systems}, "TotalCount": len(systems)},
        "DescribeMountTargets": {"MountTargets": {"MountTarget": targets}, "TotalCount": len(targets)},
    }.get(action)
