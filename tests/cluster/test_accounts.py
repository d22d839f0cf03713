"""The service accounts that the stacks make: what each may do, by the API server's own word and by its refusals."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from components.manifests.log_retention import SCRIPT
from config.log_retention import JOB_NAME
from tests.cluster.account import Account
from tests.cluster.api import Api, Object, name_of
from tests.cluster.platform import Platform, plan
from tests.cluster.refusal import refusal
from tests.settings import ROOT

REVIEWS = {"selfsubjectaccessreviews", "selfsubjectreviews", "selfsubjectrulesreviews"}
"""What everybody with a token may create: questions about himself."""
SPACE = "retention-account"
BOUND = ("log-retention-service-account", "log-retention-role", "log-retention-role-binding")

RBAC = "rbac.authorization.k8s.io"
LIST_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}


def own_rules(account: Account, namespace: str) -> list[Object]:
    """What an account may do in a namespace and everybody may not."""
    return [rule for rule in account.rules(namespace) if not set(rule["resources"]) <= REVIEWS]


def pod(namespace: str) -> Object:
    spec = {"containers": [{"name": "a", "image": "example.com/a:1"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": namespace}, "spec": spec}


def attempts(api: Api, namespace: str) -> dict[str, Callable[[], object]]:
    """Requests that somebody would make who got hold of a service's token."""
    return {
        "list pods": partial(api.objects, "v1", "Pod", namespace),
        "get pods": partial(api.read, "v1", "Pod", "a", namespace),
        "create pods": partial(api.create, pod(namespace), dry_run=True),
        "get secrets": partial(api.read, "v1", "Secret", "acr-credentials", namespace),
        "list secrets": partial(api.objects, "v1", "Secret", namespace),
        "list configmaps": partial(api.objects, "v1", "ConfigMap", namespace),
        "list services": partial(api.objects, "v1", "Service", namespace),
        "list nodes": partial(api.objects, "v1", "Node"),
        "list namespaces": partial(api.objects, "v1", "Namespace"),
    }


def test_the_accounts_of_services_may_do_nothing(platform: Platform, kubeconfig: Path) -> None:
    accounts = [name_of(each) for each in platform.live("ServiceAccount")]
    services = [each for each in accounts if each[0] != JOB_NAME]
    assert len(services) == 14
    for name, namespace in [*services, ("default", "test"), ("default", "uat")]:
        account = Account(platform.api, kubeconfig, name, str(namespace))
        for where in ("test", "uat", "kube-system"):
            assert own_rules(account, where) == [], (name, where)
        for what, attempt in attempts(account.api, str(namespace)).items():
            verb, resource = what.split()
            assert f'User "{account.user}" cannot {verb} resource "{resource}"' in refusal(attempt)


def test_log_retention_s_account_may_list_the_pods_of_its_namespace_and_nothing_else(
    platform: Platform, kubeconfig: Path
) -> None:
    for namespace, other in (("test", "uat"), ("uat", "test")):
        account = Account(platform.api, kubeconfig, JOB_NAME, namespace)
        assert own_rules(account, namespace) == [LIST_PODS]
        assert own_rules(account, other) == own_rules(account, "kube-system") == []
        assert account.api.objects("v1", "Pod", namespace)
        refused = {what: attempt for what, attempt in attempts(account.api, namespace).items() if what != "list pods"}
        refused["list pods"] = partial(account.api.objects, "v1", "Pod", other)
        for what, attempt in refused.items():
            verb, resource = what.split()
            assert f'cannot {verb} resource "{resource}"' in refusal(attempt)


@pytest.fixture
def space(api: Api) -> Iterator[str]:
    """A namespace with log retention's account and rights as the program states them."""
    made = api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    for name in BOUND:
        stated = json.loads(
            json.dumps(plan("uat")[name].stated).replace('"namespace": "uat"', f'"namespace": "{SPACE}"')
        )
        api.create(stated)
    yield SPACE
    api.delete(made)


def test_without_its_one_verb_log_retention_refuses(api: Api, kubeconfig: Path, space: str, tmp_path: Path) -> None:
    own_pod = pod(space)
    own_pod["spec"]["serviceAccountName"] = JOB_NAME
    api.create(own_pod)
    account = Account(api, kubeconfig, JOB_NAME, space)
    eventually(lambda: account.may("list", "pods", namespace=space))
    script = partial(report, account, kubeconfig, tmp_path)
    done = script()
    assert done.returncode == 0, done.stderr
    assert "would remove 5 bytes: file/logs/spring.log.2026-01-01" in done.stdout

    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": JOB_NAME, "namespace": space}}
    live = api.live(role)
    assert live is not None
    assert live["rules"] == [LIST_PODS]
    api.patch(role, {"rules": [{**LIST_PODS, "verbs": ["get", "watch"]}]})
    eventually(lambda: not account.may("list", "pods", namespace=space))
    done = script()
    assert done.returncode == 2
    assert "refused: " in done.stderr
    assert "403" in done.stderr
    assert "would remove" not in done.stdout


def report(account: Account, kubeconfig: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A dry run of the script over a directory with one old log, in the name of an account."""
    logs, mounted = folder / "product-uat" / "file" / "logs", folder / "service-account"
    for made in (logs, mounted):
        made.mkdir(parents=True, exist_ok=True)
    old = logs / "spring.log.2026-01-01"
    old.write_text("lines")
    os.utime(old, (0, 0))
    (mounted / "token").write_text(account.token)
    (mounted / "ca.crt").write_bytes((kubeconfig.parent / "certificates" / "apiserver.crt").read_bytes())
    (cluster,) = json.loads(kubeconfig.read_text(encoding="utf-8"))["clusters"]
    variables = {
        "API_SERVER": cluster["cluster"]["server"],
        "DRY_RUN": "true",
        "DUMPS_DAYS": "30",
        "KEEP_DUMPS": "2",
        "LOGS_DAYS": "14",
        "NAMESPACE": SPACE,
        "PATH": os.environ["PATH"],
        "POD_NAME": "a",
        "ROOT": str(folder),
        "SERVICE_ACCOUNT": str(mounted),
    }
    command = ["/bin/sh", str(ROOT / "components" / "scripts" / SCRIPT)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)


def eventually(condition: Callable[[], bool]) -> None:
    """The API server's authorizer learns of a role a moment after it was written."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
