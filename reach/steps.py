"""Name, connection, TLS and answer, each reached or not; of the one that is not, the likely cause and the mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from config import StackSettings
from reach.destination import TCP_ONLY, Destination, Object
from reach.policies import lets_out
from reach.probe import Answer

_TIMED_OUT, _TLS_REFUSED, _EMPTY = 28, 35, 52
_CERTIFICATE = (51, 60, 77)
_CLIENT_ERRORS, _FAILURES, _GATEWAY = 400, 500, (502, 503, 504)
_AN_ANSWER = "answers, though not with what was asked for"
_MILLISECONDS = 1000


@dataclass(frozen=True)
class Step:
    """One step of the way.

    Attributes:
        name: `DNS`, `TCP`, `TLS` or `HTTP`.
        said: what was found.
        milliseconds: how long it took; None where it failed.
        cause: the likely cause of a failure, as a sentence without its full stop.
        mend: what to do.
    """

    name: str
    said: str
    milliseconds: float | None = None
    cause: str = ""
    mend: str = ""

    @property
    def reached(self) -> bool:
        """Whether it was."""
        return not self.cause


class Way:
    """The way from a service's pod to a destination, by what curl found.

    Args:
        settings: the stack's settings.
        source: the service whose pod asks.
        destination: what it asks.
        answer: what curl found.
        ready: how many pods of the destination are ready, where that is a service.
    """

    def __init__(
        self, settings: StackSettings, source: str, destination: Destination, answer: Answer, ready: int = 0
    ) -> None:
        self._settings, self._source = settings, source
        self._destination, self._answer, self._ready = destination, answer, ready

    def steps(self) -> list[Step]:
        """Its steps; the last one is the one that failed, if any did."""
        to, found, steps = self._destination, self._answer, []
        if to.named:
            if not found.addresses:
                return [self._unknown()]
            steps.append(Step("DNS", f"{to.host} is {', '.join(found.addresses)}", _span(0, found.looked_up)))
        if not found.connected:
            return [*steps, self._unconnected()]
        steps.append(Step("TCP", f"connected to {found.connected}", _span(found.looked_up, found.connect)))
        if to.scheme == TCP_ONLY:
            return steps
        if to.scheme == "https":
            if not found.secured or found.code in _CERTIFICATE:
                return [*steps, self._insecure()]
            steps.append(Step("TLS", "the certificate is valid", _span(found.connect, found.secured)))
        if not found.status or found.code or found.status >= _FAILURES:
            return [*steps, self._unanswered()]
        words = "answers" if found.status < _CLIENT_ERRORS else _AN_ANSWER
        began = found.secured or found.connect
        return [*steps, Step("HTTP", f"{found.status}: {words}", _span(began, found.answered))]

    def _unknown(self) -> Step:
        stack, host = self._settings.stack, self._destination.host
        said = self._answer.words
        if self._answer.code == _TIMED_OUT:
            cause, mend = "the pod's DNS servers do not answer", "`kubectl get pods -n kube-system -l k8s-app=kube-dns`"
            if self._settings.environment.network_policies is not None:
                mend += (
                    ", and /etc/resolv.conf of the pod: allow-dns lets it out to servers in kube-system, in the"
                    " vSwitches and on the node only"
                )
        elif self._destination.service:
            cause = f"there is no Service {host} in the namespace {self._settings.namespace}"
            mend = f"`ackp drift {stack}` says what is missing, `pulumi up --stack {stack} --refresh` brings it back"
        else:
            cause = f"{host} is misspelt, or a name that the cluster's DNS does not know"
            mend = (
                "a Service of another namespace is SERVICE.NAMESPACE; a private zone (内网解析) must be bound to the"
                " cluster's VPC"
            )
        return Step("DNS", said, None, cause, mend)

    def _unconnected(self) -> Step:
        to, said = self._destination, "connection refused" if self._answer.refused else self._answer.words
        if to.service is not None and not self._ready:
            mend = f"`ackp watch {self._settings.stack} {to.service}` says why"
            return Step("TCP", said, None, f"no pod of {to.service} is ready", mend)
        return Step("TCP", said, None, *(self._refused() if self._answer.refused else self._silent()))

    def _refused(self) -> tuple[str, str]:
        to, stack = self._destination, self._settings.stack
        if to.service is None:
            return (
                "the machine is there, and no program listens on that port",
                "the port, and the address that the program listens on: 127.0.0.1 is for itself only",
            )
        return (
            f"{to.service} does not listen on that port",
            f"`services.{to.service}.port` and `services.{to.service}.service.port` in Pulumi.{stack}.yaml",
        )

    def _silent(self) -> tuple[str, str]:
        to, source, stack = self._destination, self._source, self._settings.stack
        if self._settings.environment.network_policies is not None:
            addresses = self._answer.addresses or (to.host,)
            passed = [self._lets_out(each) for each in addresses]
            if None in passed:
                address = addresses[passed.index(None)]
                mask = 128 if ":" in address else 32
                rule = f"{{ cidr: {address}/{mask}, ports: [{to.port}] }}"
                return (
                    f"default-deny stops it: no policy of the stack lets {source} out to {address} port {to.port}",
                    f"`{rule}` in `services.{source}.egress` of Pulumi.{stack}.yaml, then `pulumi up --stack {stack}`",
                )
            beside = f"the NetworkPolicy {passed[0]} lets it out, so that something else stops it"
        else:
            beside = "the stack has no NetworkPolicies, so that something else stops it"
        if to.service is not None:
            return beside, f"the security group of the nodes, and `ackp watch {stack} {to.service}`"
        mend = "the security group, the whitelist (白名单) of a database or of Redis, and the route"
        if self._is_public() and self._settings.services[source].eip is None:
            mend += f"; pods reach the Internet through a NAT gateway or `services.{source}.eip` only"
        return beside, mend

    def _lets_out(self, address: str) -> str | None:
        inside = self._destination.service is not None
        return lets_out(self._settings, self._source, address, self._destination.port, inside=inside)

    def _is_public(self) -> bool:
        return any(ip_address(each).is_global for each in self._answer.addresses)

    def _insecure(self) -> Step:
        found = self._answer
        if found.code in _CERTIFICATE:
            cause = "curl in the pod does not trust the certificate: it has expired, is another host's, or self-signed"
            mend = "the certificate there; a JVM trusts by its own cacerts, so that the service may fare otherwise"
        elif found.code == _TLS_REFUSED:
            cause = "what listens there does not speak TLS, or no version of it that curl in the pod does"
            mend = f"http://{self._destination.place}, and the TLS versions there"
        else:
            cause = "the connection is there, and nobody answers TLS on it"
            mend = f"http://{self._destination.place}, and what stands between: a proxy, a load balancer's listener"
        return Step("TLS", found.words, None, cause, mend)

    def _unanswered(self) -> Step:
        found, to, stack = self._answer, self._destination, self._settings.stack
        logs = (
            f"`ackp logs {to.service} --stack {stack} --since 10m`" if to.service else "the log of what answers there"
        )
        if found.status in _GATEWAY:
            cause, mend = "what answers there has no healthy program behind it", logs
            if not to.service:
                mend += "; for this stack's ALB the runbook of 502"
        elif found.status >= _FAILURES:
            cause, mend = "the program is reached, and fails at this request", logs
        elif found.code == _TIMED_OUT:
            cause, mend = "the program takes the connection and does not answer: it hangs, or is overloaded", logs
        elif found.code == _EMPTY:
            cause = "the connection is closed without an answer: another protocol is spoken there, or the program ends"
            mend = f"https://{to.place}, or {to.place} for the connection alone; {logs}"
        else:
            cause, mend = "the connection breaks off before there is an answer", logs
        return Step("HTTP", f"{found.status}" if found.status >= _FAILURES else found.words, None, cause, mend)


def ready_pods(pods: Iterable[Object]) -> int:
    """How many of these pods are ready."""
    return sum(
        any(
            each["type"] == "Ready" and each["status"] == "True"
            for each in (pod.get("status") or {}).get("conditions", ())
        )
        for pod in pods
    )


def _span(begin: float, end: float) -> float:
    return round(max(0.0, end - begin) * _MILLISECONDS, 1)
