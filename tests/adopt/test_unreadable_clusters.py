"""A cluster that cannot be read ends with one report that says what to do, soon, and without a secret in it."""

from __future__ import annotations

import contextlib
import http.server
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adopt import connection
from adopt.cluster import read
from adopt.connection import ClusterError
from tests.adopt.guide import guide_objects
from tests.adopt.guide_cluster import GuideCluster
from tests.adopt.readings import Told, changed
from tests.answering import answering
from tests.cluster.account import Account
from tests.cluster.api import Api, Object
from tests.cluster.connection import Connection as LossyConnection

TOKEN = "made-up-token-of-nobody"


def report(kubeconfig: Path, namespace: str = "default", context: str | None = None) -> list[str]:
    """The lines of the report of a reading that fails."""
    with pytest.raises(ClusterError) as failed:
        read(kubeconfig, namespace, progress=Told(), context=context)
    lines = str(failed.value).splitlines()
    assert lines[0].endswith("; nothing was changed.")
    assert TOKEN not in str(failed.value)
    return lines


@pytest.mark.usefixtures("guide")
@pytest.mark.parametrize(("wrong", "meant"), [("uta", "uat"), ("Test", "test"), ("kube-sytem", "kube-system")])
def test_a_namespace_that_does_not_exist_is_named_with_the_nearest(kubeconfig: Path, wrong: str, meant: str) -> None:
    what, mend = report(kubeconfig, wrong)
    assert f" has no namespace {wrong};" in what
    assert mend == f"    mend   did you mean {meant}?"


@pytest.mark.usefixtures("guide")
def test_where_no_name_is_near_all_namespaces_are_listed(kubeconfig: Path) -> None:
    _, mend = report(kubeconfig, "zzzz")
    assert mend.startswith("    mend   there is ")
    assert {"default", "kube-system", "test", "uat"} <= set(mend.removeprefix("    mend   there is ").split(", "))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    what, said, mend = report(tmp_path / "config")
    assert what == f"The kubeconfig {tmp_path / 'config'} cannot be read; nothing was changed."
    assert said == "    said   No such file or directory"
    assert "连接信息" in mend


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"token: [{TOKEN}", "is no YAML"),
        (f"- {TOKEN}", "is no kubeconfig: it has no contexts"),
        ("", "is no kubeconfig: it has no contexts"),
        ("contexts: []", "has no current context"),
        ("contexts: [{name: a, context: {}}]\ncurrent-context: a", "cannot be used"),
        ("contexts: [1]\ncurrent-context: a", "has no context a"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_said_to_be_none(tmp_path: Path, text: str, what: str) -> None:
    file = tmp_path / "config"
    file.write_text(text, encoding="utf-8")
    assert what in report(file)[0]


def test_a_context_that_does_not_exist_is_named_with_the_nearest(kubeconfig: Path) -> None:
    what, mend = report(kubeconfig, context="plain")
    assert what == f"The kubeconfig {kubeconfig} has no context plain; nothing was changed."
    assert mend == "    mend   did you mean plane?"


def test_the_context_that_is_asked_for_is_the_one_that_is_used(
    guide: GuideCluster, kubeconfig: Path, tmp_path: Path
) -> None:
    def second(stated: Object) -> None:
        context = {**stated["contexts"][0], "name": "second"}
        broken = {"name": "first", "context": {**context["context"], "user": "nobody"}}
        stated.update({"contexts": [broken, context], "current-context": "first"})
        stated["users"].append({"name": "nobody", "user": {"token": TOKEN}})

    file = changed(kubeconfig, tmp_path, second)
    assert "does not accept" in report(file)[0]
    assert read(file, "uat", progress=Told(), context="second").deployments
    assert guide.api.objects("apps/v1", "Deployment", "uat")


def of_the_user(user: Object) -> Callable[[Object], object]:
    return lambda stated: stated["users"][0].update(user=user)


@pytest.mark.parametrize(
    "user",
    [
        pytest.param({"token": TOKEN}, id="a token that the server does not know"),
        pytest.param({}, id="no credentials"),
    ],
)
def test_credentials_that_are_not_accepted_are_said_to_be_so(kubeconfig: Path, tmp_path: Path, user: Object) -> None:
    what, said, mend = report(changed(kubeconfig, tmp_path, of_the_user(user)))
    assert what.startswith("The API server https://127.0.0.1:")
    assert "does not accept the credentials of" in what
    assert "changed.kubeconfig, context plane; nothing" in what
    assert said == "    said   Unauthorized"
    assert "they have expired, were revoked or are none" in mend


@pytest.mark.parametrize(
    ("command", "words"), [("false", "process returned 1"), ("/no/such/plug-in", "/no/such/plug-in")]
)
def test_a_plug_in_that_gives_no_credentials_is_named_and_nobody_is_asked_without(
    kubeconfig: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, words: str
) -> None:
    plug_in = {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "interactiveMode": "Never"}
    what, said, mend = report(changed(kubeconfig, tmp_path, of_the_user({"exec": plug_in})))
    assert what.endswith("changed.kubeconfig, context plane gives no credentials; nothing was changed.")
    assert words in said
    assert "run the plug-in" in mend
    assert capsys.readouterr().err == ""


def test_a_token_whose_account_is_gone_is_not_accepted(api: Api, kubeconfig: Path) -> None:
    stated = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "short", "namespace": "default"}}
    api.create(stated)
    account = Account(api, kubeconfig, "short", "default")
    assert report(account.kubeconfig)[0].startswith("The account may read nothing in the namespace default")
    api.delete(stated)
    deadline = time.monotonic() + 60  # the server remembers for a moment that a token was good
    while "does not accept the credentials" not in (what := report(account.kubeconfig)[0]):
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


@contextlib.contextmanager
def listening() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def at(port: int, scheme: str = "https") -> Callable[[Object], object]:
    return lambda stated: stated["clusters"][0]["cluster"].update(server=f"{scheme}://127.0.0.1:{port}")


def test_a_server_that_is_not_there_is_reported_at_once(kubeconfig: Path, tmp_path: Path) -> None:
    with listening() as port:
        pass
    what, said, mend = report(changed(kubeconfig, tmp_path, at(port)))
    assert what.startswith(f"The API server https://127.0.0.1:{port} of {tmp_path}")
    assert what.endswith("context plane does not answer; nothing was changed.")
    assert said == "    said   Connection refused"
    assert "VPN, proxy, whitelist" in mend


def test_a_server_that_says_nothing_is_given_up(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(connection, "STALL_SECONDS", 0.5)
    with listening() as port:
        what, said, _ = report(changed(kubeconfig, tmp_path, at(port)))
    assert "does not answer" in what
    assert said.startswith("    said   no ")


def test_a_name_that_nobody_knows_is_reported(kubeconfig: Path, tmp_path: Path) -> None:
    def elsewhere(stated: Object) -> None:
        stated["clusters"][0]["cluster"]["server"] = "https://ack.invalid:6443"

    what, said, _ = report(changed(kubeconfig, tmp_path, elsewhere))
    assert what.startswith("The API server https://ack.invalid:6443 of ")
    assert said == "    said   Name or service not known"


def test_another_servers_certificate_is_not_accepted(kubeconfig: Path, tmp_path: Path) -> None:
    def without_authority(stated: Object) -> None:
        cluster = stated["clusters"][0]["cluster"]
        for key in [each for each in cluster if each.startswith("certificate-authority")]:
            del cluster[key]

    what, said, _ = report(changed(kubeconfig, tmp_path, without_authority))
    assert "does not answer" in what
    assert "certificate" in said.lower()


def test_one_lost_answer_is_asked_for_again(guide: GuideCluster, kubeconfig: Path, tmp_path: Path) -> None:
    with LossyConnection(kubeconfig, tmp_path).open() as lossy:
        told = Told("Reading ingresses of uat", lossy.lose_next_answer)
        found = read(lossy.kubeconfig, "uat", progress=told)
    assert len(found.ingresses) == len(guide.api.objects("networking.k8s.io/v1", "Ingress", "uat"))


class Page(http.server.BaseHTTPRequestHandler):
    """A page as the login of a network shows it, whatever was asked for."""

    def do_GET(self) -> None:
        body = b"<html>Please log in</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_what_answers_and_is_no_api_server_is_said_to_be_none(kubeconfig: Path, tmp_path: Path) -> None:
    with answering(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)) as server:
        what, said, _ = report(changed(kubeconfig, tmp_path, at(server.server_port, "http")))
    assert what.startswith(f"What answers at http://127.0.0.1:{server.server_port} of ")
    assert said == "    said   <html>Please log in</html>"


def test_a_claim_that_lost_its_volume_is_refused_with_who_mounts_it_and_the_mend_mends_it(
    guide: GuideCluster, kubeconfig: Path
) -> None:
    environment = "lost"
    guide.make(environment)
    guide.settle(environment)
    (volume,) = (each for each in guide_objects(environment) if each["kind"] == "PersistentVolume")
    (claim,) = guide.api.objects("v1", "PersistentVolumeClaim", environment)
    guide.api.delete(volume, "Background")
    guide.api.patch(volume, {"metadata": {"finalizers": None}})  # as who wants it gone at any price
    phase(guide, claim, "Lost")
    what, said, mend = report(kubeconfig, environment)
    assert what.startswith("Deployments mount a claim that has lost its volume")
    assert "PersistentVolumeClaim/lost-nas is Lost: its volume lost-nas was deleted" in said
    assert said.endswith("and admin, exam, file, gateway, oauth2, resource, study cannot start again")
    assert "with the claim's namespace, name and uid in claimRef" in mend
    metadata = claim["metadata"]
    volume["spec"]["claimRef"] = {"namespace": environment, "name": metadata["name"], "uid": metadata["uid"]}
    guide.api.create(volume)
    phase(guide, claim, "Bound")
    assert read(kubeconfig, environment, progress=Told()).gaps == ()


def test_a_claim_that_lost_its_volume_and_that_nobody_mounts_is_no_hindrance(api: Api, kubeconfig: Path) -> None:
    made = api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "unused-"}})
    spec = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": "never-there",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    metadata = {
        "name": "old",
        "namespace": made["metadata"]["name"],
        "annotations": {"pv.kubernetes.io/bind-completed": "yes"},
    }
    claim = api.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec})
    deadline = time.monotonic() + 60
    while (api.live(claim) or claim)["status"].get("phase") != "Lost":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    found = read(kubeconfig, metadata["namespace"], progress=Told())
    assert [each["status"]["phase"] for each in found.claims] == ["Lost"]
    assert found.volumes == ()


def phase(guide: GuideCluster, claim: Object, wanted: str) -> None:
    """Wait until a claim has a phase."""
    deadline = time.monotonic() + 60
    while (guide.api.live(claim) or claim)["status"].get("phase") != wanted:
        assert time.monotonic() < deadline, guide.api.live(claim)
        time.sleep(0.2)
