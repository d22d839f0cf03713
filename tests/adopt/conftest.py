"""The guide's cluster on a real control plane, which all tests of this folder share, and which ends with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alibabacloud_credentials.utils import auth_util

from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.adopt import cloud_account
from tests.adopt.adopter import Adopter
from tests.adopt.cloud_account import Account
from tests.adopt.guide import ENVIRONMENTS
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Api


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nobody's account is asked: no credentials of this machine are found. The library reads all this only once."""
    for name in ("environment_access_key_id", "environment_access_key_secret", "environment_security_token"):
        monkeypatch.setattr(auth_util, name, None)
    monkeypatch.setattr(auth_util, "enable_oidc_credential", False)
    monkeypatch.setattr(auth_util, "environment_credentials_uri", None)
    monkeypatch.setattr(auth_util, "environment_cli_profile_disabled", "true")
    monkeypatch.setattr(auth_util, "environment_ecs_metadata_disabled", "true")
    monkeypatch.setattr(auth_util, "environment_credentials_file", str(tmp_path_factory.getbasetemp() / "none"))


@pytest.fixture(scope="package")
def kubeconfig() -> Iterator[Path]:
    """The administrator's kubeconfig."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="package")
def api(kubeconfig: Path) -> Api:
    """The cluster, as its administrator."""
    return Api(kubeconfig)


@pytest.fixture(scope="package")
def guide(api: Api) -> Iterator[GuideCluster]:
    """The guide's cluster with both environments at rest. Whoever changes things makes an environment of its own."""
    with GuideCluster(api).at_work() as found:
        for environment in ENVIRONMENTS:
            found.make(environment)
        for environment in ENVIRONMENTS:
            found.settle(environment)
        yield found


@pytest.fixture(scope="package")
def adopter(guide: GuideCluster, kubeconfig: Path) -> Adopter:
    """Who runs `ackp adopt` on the guide's cluster."""
    return Adopter(guide.api, kubeconfig)


@pytest.fixture
def account(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The cloud account that has the guide's cluster, with credentials in the environment."""
    standing = Account("https://127.0.0.1:6443")
    with cloud_account.at_work(standing, kubeconfig.parent / "certificates" / "apiserver.crt") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("ACKP_STALL_SECONDS", "20")
        monkeypatch.setattr(auth_util, "environment_access_key_id", cloud_account.KEY)
        monkeypatch.setattr(auth_util, "environment_access_key_secret", cloud_account.SECRET)
        monkeypatch.setattr(auth_util, "environment_security_token", cloud_account.TOKEN)
        yield standing
