"""A stack that is looked at again and again, until all of it is ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from adopt.connection import ClusterError, Connection, RefusedError
from config import StackSettings
from diagnosis.observed import observe
from diagnosis.problem import Problem
from diagnosis.service import Finding, Service, diagnose
from pod_logs.line import lines_of

LINES = 20
"""Last lines of a container that are shown."""


class Watch:
    """Services of a stack on its cluster.

    Args:
        connection: to the cluster.
        settings: the stack's settings.
        services: their names.
    """

    def __init__(self, connection: Connection, settings: StackSettings, services: Sequence[str]) -> None:
        self._connection, self._settings, self._services = connection, settings, services
        self._first: dict[tuple[str, Problem], datetime] = {}
        self._lines: dict[tuple[str, ...], tuple[str, ...]] = {}

    def look(self) -> list[Service]:
        """How far each is now, with the last lines of what ended or does not answer.

        Raises:
            ClusterError: the cluster cannot be read, or nothing of the services is there.
        """
        observed = observe(self._connection, self._settings.namespace)
        found = diagnose(self._settings, observed, self._services)
        if not observed.deployments:
            raise ClusterError(
                f"There is no Deployment in the namespace {self._settings.namespace} of {self._connection.server}",
                mend="is it the right cluster? --kubeconfig and --context choose it; `pulumi up` brings the stack up",
            )
        return [replace(each, findings=tuple(self._told(each.findings))) for each in found]

    def _told(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Those that last, with their last lines, and with the time when one was seen first where nothing tells it."""
        now = datetime.now(UTC)
        for finding in findings:
            first = self._first.setdefault((finding.service, finding.problem), now)
            since = finding.since or first.strftime("%Y-%m-%dT%H:%M:%SZ")
            if (now - min(first, datetime.fromisoformat(since))).total_seconds() >= finding.problem.usual:
                yield self._with_lines(replace(finding, since=since))

    def _with_lines(self, finding: Finding) -> Finding:
        if not finding.container or not finding.pods:
            return finding
        key = (finding.pods[0], finding.container, finding.exit, finding.said)
        if key not in self._lines:
            if read := self._read(finding):
                self._lines[key] = read
            return replace(finding, lines=read)
        return replace(finding, lines=self._lines[key])

    def _read(self, finding: Finding) -> tuple[str, ...]:
        pod = finding.pods[0]
        path = f"/api/v1/namespaces/{self._settings.namespace}/pods/{pod}/log"
        query = {"container": finding.container, "tailLines": str(LINES), "timestamps": "true"}
        if finding.previous:
            query["previous"] = "true"
        try:
            return tuple(line.text for line in lines_of(pod, self._connection.stream(path, query)))[-LINES:]
        except RefusedError as error:
            return (f"({error})",) if error.forbidden else ()
