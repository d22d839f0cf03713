"""Where the log retention cannot know which pods live, it removes nothing (row G28)."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.api import Api
from tests.cluster.platform import plan
from tests.cluster.retention.image import SHELLS
from tests.cluster.retention.job import STACK, Retention, live_pods
from tests.cluster.retention.wrong_answer import answering

each_shell = pytest.mark.parametrize("shell", SHELLS)


def refused(retention: Retention, shell: str, said: str, port: int | None = None, **changes: str) -> None:
    """See that a run is refused in these words, and that nothing is gone that would go otherwise."""
    retention.nas.clear()
    service = retention.nas.marked("file")
    for path in ("logs/info.1.log", "dumps/a.hprof", "dumps/b.hprof", "dumps/c.hprof"):
        retention.nas.file(f"{service}/{path}", 99)
    before = retention.nas.tree()
    token = retention.account(shell) / "token"
    secret = token.read_text() if token.exists() else "none"
    done = retention.run(shell, port=port, changes=changes)
    assert retention.nas.tree() == before
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert secret not in done.stderr


NOT_LISTED = "refused: the live pods of uat could not be listed"
NOT_TRUSTED = "so it cannot be trusted"


@each_shell
def test_it_refuses_while_the_api_server_is_down(retention: Retention, shell: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    refused(retention, shell, NOT_LISTED, port)


@each_shell
def test_it_refuses_where_the_account_may_not_list_pods(retention: Retention, shell: str) -> None:
    refused(retention, shell, "refused: the live pods of kube-system could not be listed", NAMESPACE="kube-system")


@each_shell
def test_it_refuses_an_empty_list(retention: Retention, empty_namespace: str, shell: str) -> None:
    refused(retention, shell, NOT_TRUSTED, NAMESPACE=empty_namespace)


@each_shell
def test_it_refuses_a_list_without_its_own_pod(retention: Retention, shell: str) -> None:
    refused(retention, shell, "does not hold this run's own pod log-retention-0", POD_NAME="log-retention-0")


@each_shell
def test_it_refuses_without_a_token(retention: Retention, shell: str) -> None:
    with replaced(retention.account(shell) / "token", None):
        refused(retention, shell, NOT_LISTED)


@each_shell
def test_it_refuses_when_its_token_is_not_accepted(retention: Retention, shell: str) -> None:
    with replaced(retention.account(shell) / "token", "of-somebody-else"):
        refused(retention, shell, NOT_LISTED)


@each_shell
def test_it_refuses_a_server_whose_certificate_is_not_the_cluster_s(retention: Retention, shell: str) -> None:
    with replaced(retention.account(shell) / "ca.crt", None):
        refused(retention, shell, NOT_LISTED)


@each_shell
@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"])
def test_it_refuses_when_the_api_server_has_an_error(
    retention: Retention, certificate: Path, shell: str, status: str
) -> None:
    body = pod_list(retention)  # even if the list is there
    with answering(http(status, body), certificate) as port:
        refused(retention, shell, NOT_LISTED, port)


@each_shell
def test_it_follows_no_redirect(retention: Retention, certificate: Path, shell: str) -> None:
    whole = pod_list(retention)
    with answering(http("200 OK", whole), certificate) as elsewhere:
        target = f"Location: https://kubernetes.default.svc:{elsewhere}/"
        with answering(http("302 Found", b"", target), certificate) as port:
            refused(retention, shell, NOT_LISTED, port)


@each_shell
@pytest.mark.parametrize("announced", [True, False], ids=["length-announced", "length-not-announced"])
def test_it_refuses_half_a_list(retention: Retention, certificate: Path, shell: str, *, announced: bool) -> None:
    """Its own pod stands in the first half, so it would be trusted."""
    whole = pod_list(retention)
    length = (f"Content-Length: {len(whole)}",) if announced else ()
    with answering(http("200 OK", whole, *length)[: -len(whole) // 2], certificate) as port:
        refused(retention, shell, NOT_LISTED, port)


@each_shell
@pytest.mark.parametrize("body", [b"", b"{}", b"<html>proxy</html>", b'{"kind":"PodList","items":[]}'])
def test_it_refuses_what_is_no_list_of_its_pods(
    retention: Retention, certificate: Path, shell: str, body: bytes
) -> None:
    with answering(http("200 OK", body), certificate) as port:
        refused(retention, shell, "refused: the l", port)


@each_shell
def test_the_whole_list_from_the_same_server_is_accepted(retention: Retention, certificate: Path, shell: str) -> None:
    """Else the refusals above would say nothing."""
    retention.nas.clear()
    old = retention.nas.file(f"{retention.nas.marked('file')}/logs/info.1.log", 99)
    with answering(http("200 OK", pod_list(retention)), certificate) as port:
        assert retention.run(shell, port=port).returncode == 0
    assert old not in retention.nas.tree()


@pytest.fixture
def certificate(kubeconfig: Path) -> Path:
    """The API server's."""
    return kubeconfig.parent / "certificates" / "apiserver.crt"


@pytest.fixture(scope="module")
def empty_namespace(api: Api) -> Iterator[str]:
    """A namespace without pods, in which the account may list them all the same."""
    name = "without-pods"
    namespace = api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    for role in ("log-retention-role", "log-retention-role-binding"):
        stated = plan(STACK)[role].stated
        api.create({**stated, "metadata": {**stated["metadata"], "namespace": name}})
    yield name
    api.delete(namespace)


@contextmanager
def replaced(file: Path, content: str | None) -> Iterator[None]:
    """Have another content in a file of a volume, or no such file, while the block runs."""
    target = file.resolve()
    real = target.rename(target.with_name("..kept"))
    try:
        if content is not None:
            target.write_text(content, encoding="utf-8")
            target.chmod(0o644)
        yield
    finally:
        real.replace(target)


def pod_list(retention: Retention) -> bytes:
    """The namespace's pods as the API server lists them, a run's own pod first."""
    names = sorted(live_pods(retention.api), key=lambda name: name != retention.pod())
    assert len(names) > 3
    items = [{"metadata": {"name": name, "namespace": STACK}} for name in names]
    return json.dumps({"kind": "PartialObjectMetadataList", "items": items}, separators=(",", ":")).encode()


def http(status: str, body: bytes, *fields: str) -> bytes:
    """An answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/json", *fields, "Connection: close"])
    return f"{head}\r\n\r\n".encode() + body
