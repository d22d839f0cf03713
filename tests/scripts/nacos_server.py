"""A loopback stand-in for a Nacos server: what real servers are documented to answer and rnacos does not.

`tests/lifecycle` runs the same script with a real registry. This one is for what that lacks, each with its source:

* The operator's switch (PUT enabled) is kept beside the instance, wins over what the client publishes, and outlives the
  instance by 60 s: https://github.com/alibaba/nacos/issues/14606, and there `expired-metadata.expired-time`.
* A restarted server forgets the switch, while its clients come back: https://github.com/alibaba/nacos/issues/11890.
* The switch is refused where nobody ever registered the service: `updateInstance` in
  https://github.com/alibaba/nacos/blob/2.4.3/naming/src/main/java/com/alibaba/nacos/naming/core/InstanceOperatorClientImpl.java
* DELETE of an instance that registered over gRPC does nothing and answers "ok": https://github.com/alibaba/nacos/issues/7070
* Nacos 3 answers 410 to what 1.x and 2.x offered to operators, as in https://github.com/higress-group/higress/issues/3326,
  and wants a login for its own admin calls: https://nacos.io/en/docs/v3.0/manual/admin/admin-api/
* The list of 3.x is in `data` itself: https://nacos.io/en/docs/v3.0/manual/user/open-api/
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.answering import answering

PASSWORD = "hunter2 two&with=signs"
TOKEN = "token-of-the-server"

Instance = tuple[str, str, int]
"""Service, address, port."""


class NacosServer(ThreadingHTTPServer):
    """A server of a major version.

    Args:
        major: 2 or 3.
        remembers: seconds for which the switch outlives its instance.
    """

    daemon_threads = True

    def __init__(self, major: int, remembers: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.major = major
        self.remembers = remembers
        self.published: dict[Instance, bool] = {}
        self.switched: dict[Instance, bool] = {}
        self.gone: dict[Instance, float] = {}
        self.services: set[str] = set()
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.wants_login = major == 3
        self.down = False
        self.hangs = 0.0
        """Seconds before each answer to a PUT; what it asks for is done at the end of them."""
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def register(self, service: str, ip: str, port: int, *, enabled: bool = True) -> None:
        """A client registers over gRPC and publishes whether it is enabled."""
        self.services.add(service)
        self.published[service, ip, port] = enabled
        self._forget()
        self.gone.pop((service, ip, port), None)

    def leave(self, service: str, ip: str, port: int) -> None:
        """A client's connection ends."""
        del self.published[service, ip, port]
        self.gone[service, ip, port] = time.monotonic()

    def restart(self) -> None:
        """The server starts anew: its clients come back, the switches do not."""
        self.switched.clear()

    def visible(self, service: str) -> list[tuple[str, int]]:
        self._forget()
        return [
            (each[1], each[2])
            for each, enabled in sorted(self.published.items())
            if each[0] == service and self.switched.get(each, enabled)
        ]

    def switches(self) -> list[str]:
        """What the script said with the operator's switch, in order."""
        return [
            values["enabled"]
            for method, path, values in self.calls
            if method == "PUT" and path.endswith("/ns/instance")
        ]

    def looks(self) -> int:
        """How often somebody looked at the list of instances."""
        return sum(path.endswith("/instance/list") for _, path, _ in self.calls)

    def _forget(self) -> None:
        for each, since in list(self.gone.items()):
            if time.monotonic() - since >= self.remembers:
                self.switched.pop(each, None)
                del self.gone[each]


@contextmanager
def nacos_server(major: int = 2, *, remembers: float = 60.0) -> Iterator[NacosServer]:
    with answering(NacosServer(major, remembers)) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: NacosServer

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        values = {key: found[0] for key, found in parse_qs(f"{address.query}&{body}").items()}
        with self.server.lock:
            self.server.calls.append((self.command, address.path, values))
        if self.command == "PUT":
            time.sleep(self.server.hangs)
        with self.server.lock:
            status, text = self._result(address.path, values)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        try:
            self.wfile.write(text.encode())
        except OSError:
            return  # the script did not wait for it

    def _result(self, path: str, values: dict[str, str]) -> tuple[int, str]:  # noqa: PLR0911 -- one answer a path
        server = self.server
        if server.down:
            return 500, "server is DOWN now"
        if path.endswith("/login"):
            right = values.get("username") == "ack-platform" and values.get("password") == PASSWORD
            return (200, json.dumps({"accessToken": TOKEN, "tokenTtl": 18000})) if right else (403, "unknown user!")
        version = path.split("/")[2]
        admin = version == "v3" and "/admin/" in path
        if server.wants_login and (server.major == 2 or admin) and values.get("accessToken") != TOKEN:
            return 403, "user not found!"
        if path.endswith("/instance/list"):
            return self._list(version, values["serviceName"])
        if path.endswith("/service/list"):
            return self._services(version)
        if path.endswith("/ns/instance") and self.command in ("PUT", "DELETE"):
            return self._instance(version, values)
        return 404, "no such path"

    def _list(self, version: str, service: str) -> tuple[int, str]:
        hosts = [
            {"instanceId": f"{ip}#{port}", "ip": ip, "port": port, "healthy": True, "metadata": {"port": "0"}}
            for ip, port in self.server.visible(service)
        ]
        answers = {
            "v1": {"name": service, "hosts": hosts},
            "v2": {"code": 0, "message": "success", "data": {"name": service, "hosts": hosts}},
            "v3": {"code": 0, "message": "success", "data": hosts},
        }
        return 200, _compact(answers[version])

    def _services(self, version: str) -> tuple[int, str]:
        names = sorted(self.server.services)
        items = [{"name": name, "groupName": "DEFAULT_GROUP", "ipCount": 1} for name in names]
        answers = {
            "v1": {"count": len(names), "doms": names},
            "v2": {"code": 0, "message": "success", "data": {"count": len(names), "services": names}},
            "v3": {"code": 0, "message": "success", "data": {"totalCount": len(names), "pageItems": items}},
        }
        return 200, _compact(answers[version])

    def _instance(self, version: str, values: dict[str, str]) -> tuple[int, str]:
        server = self.server
        if server.major == 3 and version != "v3":
            return 410, "Current API will be deprecated, please use API(s) `/v3/admin/ns/instance` instead"
        ok = "ok" if version == "v1" else _compact({"code": 0, "message": "success", "data": "ok"})
        if self.command == "DELETE":
            return 200, ok
        if values["serviceName"] not in server.services:
            return 400, f"caused: service not found, serviceName: {values['serviceName']};"
        server.switched[values["serviceName"], values["ip"], int(values["port"])] = values["enabled"] == "true"
        return 200, ok

    do_GET = do_PUT = do_POST = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


def _compact(answer: object) -> str:
    """JSON as Nacos writes it, without spaces."""
    return json.dumps(answer, separators=(",", ":"))
