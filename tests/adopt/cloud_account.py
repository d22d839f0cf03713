"""The account that has the guide's cluster, replayed on a loopback port as the references of its APIs have it.

Only what adopting asks is answered: https://api.alibabacloud.com/product/CS, …/Vpc, …/Alb and …/NAS. `Account` has
what there is; a test changes it.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.answering import answering

ID = "c0123456789abcdef0123456789abcdef"
OTHER = "cfedcba9876543210fedcba9876543210"
VPC = "vpc-example0000000000001"
ALB = "alb-example0000000000001"
NAS = "0123456789"
MOUNT_TARGET = "0123456789-abc01.cn-hangzhou.nas.aliyuncs.com"
KEY, SECRET, TOKEN = "LTAIexampleexample", "secret-of-the-example", "token-of-the-example"


def cluster(identity: str, name: str, *addresses: str) -> dict[str, Any]:
    """A cluster as DescribeClustersV1 lists it."""
    public, internal = addresses
    return {
        "cluster_id": identity,
        "name": name,
        "region_id": "cn-hangzhou",
        "vpc_id": VPC,
        "vswitch_ids": ["vsw-control"],
        "current_version": "1.36.1-aliyun.1",
        "master_url": json.dumps({"api_server_endpoint": public, "intranet_api_server_endpoint": internal}),
        "meta_data": json.dumps({"Capabilities": {"Network": "terway-eniip"}}),
    }


@dataclass
class Account:
    """What there is, and what is asked.

    Attributes:
        server: The address of the guide's API server.
        v_switches: Zone and network by vSwitch.
        add_ons: Versions by add-on.
        listeners: Of the ALB.
        forbidden: Actions that the account may not.
        revoked: Whether the credentials are no more.
        garbled: Actions that a proxy answers with a page.
        crawling: Actions whose answer comes a byte at a time.
        hanging: Actions that never answer; `*` is all.
        asked: Each action that was asked, with everything that came with it.
    """

    server: str
    v_switches: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {
            "vsw-control": ("cn-hangzhou-h", "10.1.0.0/20"),
            "vsw-nodes": ("cn-hangzhou-k", "10.1.16.0/20"),
            "vsw-alb": ("cn-hangzhou-k", "10.1.32.0/24"),
            "vsw-of-others": ("cn-hangzhou-k", "10.1.33.0/24"),
        }
    )
    add_ons: dict[str, str] = field(
        default_factory=lambda: {"alb-ingress-controller": "v2.20.0", "terway-eniip": "v1.15.0", "coredns": "v1.11.3"}
    )
    listeners: list[tuple[int, str]] = field(
        default_factory=lambda: [(80, "HTTP"), (443, "HTTPS"), (8000, "HTTPS"), (9102, "HTTP")]
    )
    balancers: dict[str, str] = field(default_factory=lambda: {ALB: VPC})
    mount_targets: dict[str, str] = field(default_factory=lambda: {MOUNT_TARGET: VPC})
    forbidden: set[str] = field(default_factory=set)
    revoked: bool = False
    garbled: set[str] = field(default_factory=set)
    crawling: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def clusters(self) -> list[dict[str, Any]]:
        """More than one page, the guide's on the second."""
        others = [
            cluster(f"c{n:032d}", f"other-{n}", f"https://203.0.113.{n}:6443", "https://10.0.0.1:6443")
            for n in range(60)
        ]
        return [
            *others,
            cluster(OTHER, "another", "https://203.0.113.99:6443", "https://10.0.0.9:6443"),
            cluster(ID, "guide", "https://203.0.113.7:6443", self.server),
        ]

    def answer(self, action: str, path: str, query: dict[str, str]) -> tuple[int, object]:
        """Status and body of an answer."""
        if self.revoked:
            return 404, {"Code": "InvalidAccessKeyId.NotFound", "Message": KEY, "RequestId": "1"}
        if action in self.forbidden:
            return 403, {"Code": "Forbidden.RAM", "Message": f"policy Forbidden for {KEY}", "RequestId": "1"}
        if path == "/api/v1/clusters":
            size, page = int(query["page_size"]), int(query["page_number"])
            return 200, {"clusters": self.clusters[(page - 1) * size : page * size]}
        if path.startswith("/clusters/"):
            return self._of_cluster(path.split("/")[2:])
        return self._of_products(action, query)

    def _of_cluster(self, path: list[str]) -> tuple[int, object]:
        found = next((each for each in self.clusters if each["cluster_id"] == path[0]), None)
        if found is None:
            return 404, {"code": "ErrorClusterNotFound", "message": "cluster not found", "requestId": "1"}
        if path[1:] == ["nodepools"]:
            return 200, {"nodepools": [{"scaling_group": {"vswitch_ids": ["vsw-control", "vsw-nodes"]}}]}
        if path[1:] == ["addon_instances"]:
            listed = [{"name": name, "version": version, "state": "active"} for name, version in self.add_ons.items()]
            return 200, {"addons": listed}
        return 200, found

    def _of_products(self, action: str, query: dict[str, str]) -> tuple[int, object]:
        if action == "DescribeVSwitches":
            assert query["VpcId"] == VPC
            listed = [
                {"VSwitchId": name, "ZoneId": zone, "CidrBlock": cidr, "VpcId": VPC}
                for name, (zone, cidr) in self.v_switches.items()
            ]
            return 200, {"VSwitches": {"VSwitch": listed}, "TotalCount": len(listed)}
        if action == "GetLoadBalancerAttribute":
            vpc = self.balancers.get(query["LoadBalancerId"])
            if vpc is None:
                return 404, {"Code": "ResourceNotFound.LoadBalancer", "Message": "not there", "RequestId": "1"}
            zones = [{"ZoneId": "cn-hangzhou-k", "VSwitchId": "vsw-alb"}]
            return 200, {"LoadBalancerEdition": "Standard", "VpcId": vpc, "ZoneMappings": zones}
        if action == "ListListeners":
            assert query["LoadBalancerIds.1"] in self.balancers
            half = len(self.listeners) // 2
            first = "NextToken" not in query
            part = self.listeners[:half] if first else self.listeners[half:]
            ports = [{"ListenerPort": port, "ListenerProtocol": protocol} for port, protocol in part]
            return 200, {"Listeners": ports, **({"NextToken": "2"} if first else {})}
        if action == "DescribeFileSystems":
            targets = [{"MountTargetDomain": name, "VpcId": vpc} for name, vpc in self.mount_targets.items()]
            system = {"FileSystemId": NAS, "MountTargets": {"MountTarget": targets}}
            return 200, {"FileSystems": {"FileSystem": [system]}, "TotalCount": 1}
        return 400, {"Code": "InvalidAction.NotFound", "Message": action, "RequestId": "1"}


@contextmanager
def at_work(account: Account, certificate: Path) -> Iterator[dict[str, str]]:
    """Answer while the block runs; the environment in which the account's APIs are asked here.

    Args:
        account: What there is.
        certificate: A certificate for 127.0.0.1, with its key in a `.key` file beside it.
    """
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            action = self.headers["x-acs-action"]
            account.asked.append((action, f"{self.path}\n{self.headers}"))
            if account.hanging & {"*", action}:
                released.wait(60)
                return
            assert self.headers["Authorization"].startswith(f"ACS3-HMAC-SHA256 Credential={KEY},")
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            status, found = account.answer(action, parts.path, query)
            body = b"<html>" if action in account.garbled else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + (1000 if action in account.crawling else 0)))
            self.end_headers()
            for _ in range(100 if action in account.crawling else 0):
                if not released.wait(0.3):
                    self.wfile.write(b" ")
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    here = f"127.0.0.1:{server.server_port}"
    with answering(server):
        try:
            yield {
                **{f"ALIBABA_CLOUD_ENDPOINT_{each}": here for each in ("CS", "VPC", "ALB", "NAS")},
                "SSL_CERT_FILE": str(certificate),
            }
        finally:
            released.set()


@contextmanager
def metadata() -> Iterator[str]:
    """The metadata service of a machine with a RAM role, behind a proxy with this address.

    Source: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
    """
    role = "/latest/meta-data/ram/security-credentials/"
    session = {"AccessKeyId": KEY, "AccessKeySecret": SECRET, "SecurityToken": TOKEN, "Code": "Success"}
    session["Expiration"] = "2099-01-01T00:00:00Z"
    answers = {"/latest/api/token": "a-token", role: "a-role", f"{role}a-role": json.dumps(session)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers[urlsplit(self.path).path].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with answering(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"
