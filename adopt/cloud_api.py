"""The APIs of Alibaba Cloud for an account: signed by the official client, every wait has a bound, only reading."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from sandbox.network import connect_seconds, stall_seconds, within_bounds

Product = Literal["cs", "vpc", "alb", "nas"]

_FORBIDDEN, _NOT_FOUND = 403, 404
_NO_CREDENTIALS = (
    "InvalidAccessKey",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidSecurityToken",
    "StsToken",
)
"""How the codes begin that say that the credentials themselves are not accepted, whatever is asked.

Source: https://www.alibabacloud.com/help/en/sdk/product-overview/common-errors-and-solutions
"""
_ELSEWHERE = {("vpc", "cn-hangzhou"): "vpc.aliyuncs.com"}
"""Endpoints that are not `PRODUCT.REGION.aliyuncs.com`. Source: https://api.alibabacloud.com/product/Vpc"""


@dataclass(frozen=True)
class Action:
    """An action of an API that reads.

    Attributes:
        product: Whose it is; also the RAM code.
        version: The API's version.
        name: The action's name, and that of its RAM permission.
        path: Its path, `{}` for the cluster's id; empty where actions are told by name only.
    """

    product: Product
    version: str
    name: str
    path: str = ""

    @property
    def permission(self) -> str:
        """What RAM calls it."""
        return f"{self.product}:{self.name}"


class UnansweredError(Exception):
    """An action gave no answer.

    Args:
        action: The action.
        said: Why: the API's error code, or what this machine says; never its message, which may quote the request.
        status: The HTTP status; None where nobody answered.
    """

    def __init__(self, action: Action, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.action, self.said, self.status = action, said, status

    @property
    def forbidden(self) -> bool:
        """Whether the account may not."""
        return self.status == _FORBIDDEN or self.said.startswith(("Forbidden", "NoPermission"))

    @property
    def missing(self) -> bool:
        """Whether there is no such thing."""
        return self.status == _NOT_FOUND or "NotFound" in self.said

    def __str__(self) -> str:
        if self.forbidden:
            return (
                f"{self.action.name}: not read, for the account lacks the RAM permission {self.action.permission}"
                " (docs/rbac/adopter-ram-policy.json)"
            )
        return f"{self.action.name}: not read, {self.said}"


class NoCredentialsError(Exception):
    """There are no credentials, or nobody accepts them; the text says which, one line."""


class CloudApi:
    """The APIs for whom the usual chain finds: environment, profile of the `aliyun` tool, RAM role of the machine.

    Source: https://www.alibabacloud.com/help/en/sdk/developer-reference/v2-manage-python-access-credentials

    Args:
        region: Where the cluster is; None where that is not known yet.

    Attributes:
        region: The same; to be set when it is known.

    Raises:
        NoCredentialsError: The chain finds none.
    """

    def __init__(self, region: str | None) -> None:
        # The client logs each way on which it finds nothing, with a stack trace.
        logging.getLogger("credentials").disabled = True
        from alibabacloud_credentials.client import Client  # noqa: PLC0415 - no other command needs it
        from alibabacloud_credentials.exceptions import CredentialException  # noqa: PLC0415 - see above

        self._credentials = Client()
        try:
            self._credentials.get_credential()
        except (CredentialException, OSError, ValueError):
            raise NoCredentialsError(
                "no Alibaba Cloud credentials in the environment, a profile or a RAM role"
            ) from None
        self.region = region
        self._silent: set[str] = set()

    def ask(self, action: Action, query: Mapping[str, object] | None = None, cluster: str = "") -> dict[str, Any]:
        """What an action answers.

        Args:
            action: The action.
            query: Its parameters.
            cluster: The cluster's id, for its path.

        Raises:
            UnansweredError: It gives no answer, or none that can be read.
            NoCredentialsError: The credentials are not accepted.
        """
        from darabonba.exceptions import (  # noqa: PLC0415 - see above
            ResponseException,
            RetryError,
            UnretryableException,
        )

        host = self._host(action.product)
        if host in self._silent:  # it would be waited for once more
            raise UnansweredError(action, f"{host} does not answer")
        try:
            found = within_bounds(lambda: self._answer(host, action, query or {}, cluster))
        except ResponseException as error:
            code = str(error.code or f"HTTP {error.status_code}")
            if code.startswith(_NO_CREDENTIALS):
                raise NoCredentialsError(f"Alibaba Cloud does not accept the credentials ({code})") from None
            raise UnansweredError(action, code, error.status_code) from None
        except UnretryableException as error:
            if isinstance(error.inner_exception, RetryError):
                self._silent.add(host)
                raise UnansweredError(action, f"{host} does not answer") from None
            found = None
        except TimeoutError:
            self._silent.add(host)
            raise UnansweredError(action, f"{host} does not answer in time") from None
        if not isinstance(found, dict):
            raise UnansweredError(action, f"what {host} answers is no JSON object")
        return found

    def _answer(self, host: str, action: Action, query: Mapping[str, object], cluster: str) -> Any:  # noqa: ANN401 - JSON
        from alibabacloud_tea_openapi.client import Client  # noqa: PLC0415 - see above
        from alibabacloud_tea_openapi.utils import Utils  # noqa: PLC0415 - see above
        from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params  # noqa: PLC0415 - see above
        from darabonba.runtime import RuntimeOptions  # noqa: PLC0415 - see above

        params = Params(
            action=action.name,
            version=action.version,
            protocol="HTTPS",
            pathname=action.path.format(quote(cluster, safe="")) or "/",
            method="GET" if action.path else "POST",
            auth_type="AK",
            style="ROA" if action.path else "RPC",
            req_body_type="json" if action.path else "formData",
            body_type="json",
        )
        bounds = RuntimeOptions(
            connect_timeout=int(connect_seconds() * 1000),
            read_timeout=int(stall_seconds() * 1000),
            ca=os.environ.get("SSL_CERT_FILE"),  # as the plug-ins; this client alone would not look
        )
        client = Client(Config(credential=self._credentials, endpoint=host))
        return client.call_api(params, OpenApiRequest(query=Utils.query(dict(query))), bounds)["body"]

    def _host(self, product: Product) -> str:
        """The product's endpoint, or what the plug-in's own variable says instead.

        Source: https://www.pulumi.com/registry/packages/alicloud/installation-configuration/
        """
        stated = os.environ.get(f"ALIBABA_CLOUD_ENDPOINT_{product.upper()}")
        if stated or self.region is None:
            return stated or f"{product}.aliyuncs.com"
        return _ELSEWHERE.get((product, self.region), f"{product}.{self.region}.aliyuncs.com")
