"""A loopback stand-in for a Nacos server: instances, the operator's switch, logins and outages, as documented.

It says nothing about a real Nacos; it shows what the script asks for, and in which order.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PASSWORD = "hunter2 two&with=signs"
TOKEN = "token-of-the-server"


class NacosServer(ThreadingHTTPServer):
    """Instances by (service, ip, port); ``enabled`` is the operator's switch, remembered without an instance too."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registered: set[tuple[str, str, int]] = set()
        self.enabled: dict[tuple[str, str, int], bool] = {}
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.wants_login = False
        self.down = False
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def visible(self, service: str) -> list[tuple[str, int]]:
        return [
            (ip, port)
            for name, ip, port in sorted(self.registered)
            if name == service and self.enabled.get((name, ip, port), True)
        ]

    def switches(self) -> list[str]:
        """What the script said with the operator's switch, in order."""
        return [
            values["enabled"]
            for method, path, values in self.calls
            if method == "PUT" and path.endswith("/ns/instance")
        ]


@contextmanager
def nacos_server() -> Iterator[NacosServer]:
    server = NacosServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: NacosServer

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        values = {key: found[0] for key, found in parse_qs(f"{address.query}&{body}").items()}
        with self.server.lock:
            self.server.calls.append((self.command, address.path, values))
            status, text = self._result(address.path, values)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def _result(self, path: str, values: dict[str, str]) -> tuple[int, str]:  # noqa: PLR0911 -- one answer a path
        server = self.server
        if server.down:
            return 500, "server is DOWN now"
        if path.endswith("/login"):
            right = values.get("username") == "ack-platform" and values.get("password") == PASSWORD
            return (200, json.dumps({"accessToken": TOKEN, "tokenTtl": 18000})) if right else (403, "unknown user!")
        if server.wants_login and values.get("accessToken") != TOKEN:
            return 403, "user not found!"
        if path.endswith("/instance/list"):
            hosts = [
                {"ip": ip, "port": port, "healthy": True, "metadata": {}}
                for ip, port in server.visible(values["serviceName"])
            ]
            return 200, json.dumps({"name": values["serviceName"], "hosts": hosts})
        if path.endswith("/service/list"):
            names = sorted({name for name, _, _ in server.registered})
            return 200, json.dumps({"count": len(names), "doms": names})
        if path.endswith("/ns/instance") and self.command == "PUT":
            server.enabled[values["serviceName"], values["ip"], int(values["port"])] = values["enabled"] == "true"
            return 200, "ok"
        return 404, "no such path"

    do_GET = do_PUT = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass
