"""The API of a host of repositories, asked with the token of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.hosts import Host, Variables
from pipelines.web import UnreachedError, ask


class Api:
    """A host's API, at the repository of a pipeline.

    Args:
        host: the host.
        variables: of the pipeline; those that the host needs are there.
    """

    def __init__(self, host: Host, variables: Variables) -> None:
        self._host = host
        self._variables = variables

    def ask(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """The answer to one request; ``path`` is what comes behind `Host.root`.

        Raises:
            UnreachedError: the host does not answer, or refuses.
        """
        token = self._variables[self._host.token]
        name, form = self._host.header
        headers = {name: form.format(token), "Accept": "application/json"}
        address = f"{self._host.root(self._variables)}{path}"
        return ask(method, address, secrets=(token,), headers=headers, body=body, query=query)

    def list(
        self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """The answer to a request that asks for a list.

        Raises:
            UnreachedError: as `ask`, or it is no list.
        """
        found = self.ask(method, path, body, query)
        if not isinstance(found, list):
            raise UnreachedError(f"{self._host.name} answered with something that is no list; is the address right?")
        return found
