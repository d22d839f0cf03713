"""What keeps a service from being ready, and the likely cause and mend of each, by what Kubernetes says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from config.registration import SIDECAR_NAME
from sandbox.causes import CAUSES


class Problem(Enum):
    """A kind of trouble: what it is called, for how many seconds it may mend itself, and for how many it is usual.

    A service that starts fails its probes for a while, and its gates are opened later: that is told only once it lasts.
    """

    IMAGE = ("the image cannot be pulled", 60)
    CONTAINER = ("a container cannot be created", 60)
    CRASH = ("the program ends again and again", 60)
    PROBE = ("a probe fails", 600, 30)
    RESTART = ("a probe fails, so the container is restarted", 60)
    MOUNT = ("a volume cannot be mounted", 120)
    NETWORK = ("a pod gets no network", 120)
    CLAIM = ("the claim is not bound", 60)
    NODE = ("no node takes a pod", 600)  # the cluster may add one
    REFUSED = ("pods are refused", 60)
    GATE = ("a readiness gate is closed", 300, 30)
    MISSING = ("there is no Deployment", 60)
    PAUSED = ("the rollout is paused", 60)
    LATE = ("it did not become ready in its time", 0)

    def __init__(self, title: str, patience: int, usual: int = 0) -> None:
        self.title = title
        self.patience = patience
        self.usual = usual


@dataclass(frozen=True)
class Likely:
    """A likely cause.

    Attributes:
        pattern: What is said then; its groups may be named in cause and mend.
        cause: The cause, as a sentence without its full stop.
        mend: What to do.
    """

    pattern: re.Pattern[str]
    cause: str
    mend: str


_IMAGE = "`services.{service}.image` in Pulumi.{stack}.yaml, then `pulumi up --stack {stack}`"
_AGAIN = "`pulumi up --stack {stack} --refresh`"
_HEALTH = "`ackp logs {service} --stack {stack}`, and `services.{service}.probes`"
_RAISE = "raise `services.{service}.resources.limits.memory`, or lower the shares of `services.{service}.jvm`"


def _likely(*rows: tuple[str, str, str]) -> tuple[Likely, ...]:
    return tuple(Likely(re.compile(pattern, re.DOTALL), cause, mend) for pattern, cause, mend in rows)


_KNOWN: Mapping[Problem, tuple[Likely, ...]] = {
    Problem.IMAGE: _likely(
        (
            r"no such host|i/o timeout|connection refused|dial tcp|TLS handshake|x509:|no route to host",
            "the node does not reach the registry",
            (
                "the registry's VPC address in `registry.repository`; for an enterprise edition the cluster's VPC in"
                " its access control"
            ),
        ),
        (
            r"40[13]\b|[Uu]nauthorized|authorization failed|access denied|no basic auth|insufficient_scope",
            "the registry does not accept the login of the pull Secret, or has no such repository",
            "`registry.username` and `pulumi config set --secret registryPassword --stack {stack}`, then"
            " `pulumi up --stack {stack}`; or " + _IMAGE,
        ),
        (r"InvalidImageName|couldn't parse image|invalid reference", "its name is none of an image", _IMAGE),
        (
            r"not found|manifest unknown",
            "the registry has no such image: a wrong tag, or a build that was never pushed",
            _IMAGE,
        ),
        (r"", "the node cannot get it from the registry", _IMAGE),
    ),
    Problem.CONTAINER: _likely(
        (
            r"(?P<object>(?:secret|configmap) \"[^\"]+\") not found|couldn't find key (?P<key>\S+)",
            "an object that the container takes variables from is gone, or lacks a key",
            f"one of the stack's own comes back with {_AGAIN}; else `services.{{service}}.envFromSecrets`",
        ),
        (
            r"runAsNonRoot|non-root|non-numeric user",
            "the image runs as root, or names no number of a user, and the service's securityProfile forbids it",
            "a `USER` with a number in the Dockerfile, or `services.{service}.securityProfile`",
        ),
        (
            r"executable file not found|no such file or directory|exec format error|permission denied",
            "the command of the image cannot be run: it is missing, not executable, or built for another processor",
            "`docker run` the image; docs/how-to/build-an-image.md",
        ),
        (r"subPath", "the directory of the volume cannot be made", "the rights of the directory on the NAS: `nas`"),
        (r"", "the node refuses what the pod asks for", "`kubectl describe pod {pod} {in_namespace}`"),
    ),
    Problem.CRASH: _likely(
        (r"OOMKilled", "it used more memory than its limit", _RAISE),
        (r"exit code 3\b", "a JVM that is out of memory ends itself so, with a dump under DATA_DIR", _RAISE),
        (
            rf"^{SIDECAR_NAME} .*exit code 69\b",
            "the sidecar's image has no curl",
            "`services.{service}.registration.image`",
        ),
        (
            r"exit code 64\b",
            "a variable is missing or wrong, or the image was built for another profile",
            "the image of this environment, or `environment.imageProfile`",
        ),
        (
            r"exit code 66\b",
            "the image has no such jar; its last line names those",
            "`services.{service}.executableJar`",
        ),
        (r"exit code 69\b", "the image has no java", "another `BASE_IMAGE`: docs/how-to/build-an-image.md"),
        (r"exit code 65\b", "java refuses an option; its last line names it", "`services.{service}.jvm`"),
        (r"exit code 73\b", "DATA_DIR is not writable", "the rights of the service's directory on the NAS"),
        (r"exit code 78\b", "the heap does not fit into the memory limit", _RAISE),
        (
            r"exit code 12[67]\b",
            "the image has no such command, or it is not executable",
            "docs/how-to/build-an-image.md",
        ),
        (
            r"exit code (?:137|143)\b",
            "it was killed from outside: by a probe, or by the node",
            "`kubectl describe pod {pod} {in_namespace}` says by whom",
        ),
        (
            r"exit code 0\b",
            "the program is done, and a service must go on",
            "the image's command; a web application needs a web server among its dependencies",
        ),
        (
            r"",
            "the program gives up by itself; its last lines say why",
            (
                "what they name: a setting, Nacos or a database that does not answer. Then `pulumi up --stack {stack}`;"
                " or the image before: `ackp rollback {service} --stack {stack}`"
            ),
        ),
    ),
    Problem.PROBE: _likely(
        (
            r"Nacos does not tell",
            "Nacos does not answer the sidecar",
            "`nacos` in Pulumi.{stack}.yaml, and its password: docs/runbooks/nacos-lists-differ.md",
        ),
        (
            r"in Nacos",
            "the service is not in Nacos: it did not register, or under another name, address or group",
            "docs/runbooks/nacos-lists-differ.md",
        ),
        (
            r"statuscode: 5\d\d",
            "the application answers that it is not ready: something that it needs does not answer",
            "what its last lines name; " + _HEALTH,
        ),
        (r"statuscode: 4\d\d", "there is no such path, or it asks for a login", "`services.{service}.probes`"),
        (
            r"connection refused",
            "nothing listens at the port: the application is not up yet, or listens elsewhere",
            (
                "`services.{service}.port` is what the application listens at; it needs longer:"
                " `services.{service}.probes.startupSeconds`"
            ),
        ),
        (
            r"deadline exceeded|Timeout|timed? ?out",
            "it answers too late",
            "`services.{service}.resources.limits.cpu`, `services.{service}.probes.timeoutSeconds`",
        ),
        (r"", "the application does not answer as the probe asks", _HEALTH),
    ),
    Problem.MOUNT: _likely(
        (
            r"(?:secret|configmap) \"[^\"]+\" not found",
            "an object that it mounts is gone",
            f"one of the stack's own comes back with {_AGAIN}",
        ),
        (
            r"not found in the list of registered CSI drivers",
            "the CSI driver does not run on the node",
            "the add-on csi-plugin of the cluster: `kubectl get pods -n kube-system -o wide`",
        ),
        (
            r"[Aa]ccess denied|[Pp]ermission denied",
            "the NAS does not let the node mount",
            "the access rules of the mount target, for the network of the node",
        ),
        (
            r"timed out|[Tt]imeout|no route|[Cc]onnection refused|not known|no such host|resolve",
            "the node does not reach the mount target: another VPC, a wrong name, or a security group",
            "`nas.fileSystem.mountTarget` in Pulumi.{stack}.yaml",
        ),
        (
            r"[Nn]o such file or directory",
            "the file system has no such directory",
            "`nas.volume.path`, or the claim's volume",
        ),
        (r"", "the node cannot mount it", "`kubectl describe pod {pod} {in_namespace}`"),
    ),
    Problem.NETWORK: _likely(
        (
            r"[Ii]p|IP|address|eni|ENI",
            "the vSwitches have no address left, or the node no network interface",
            "a further vSwitch for pods, in the ACK console; `kubectl get pods -n kube-system -o wide` shows Terway's",
        ),
        (r"", "the node's network plug-in refuses", "`kubectl describe pod {pod} {in_namespace}`"),
    ),
    Problem.CLAIM: _likely(
        (
            r"claim \"[^\"]+\" not found",
            "there is no such claim in the namespace",
            f"the stack's own comes back with {_AGAIN}; a given one: `nas.volume.claim`",
        ),
        (
            r"Lost",
            "its volume is gone",
            "the files are still there: `kubectl get pv`, and docs/how-to/when-up-fails.md#an-object-exists-already",
        ),
        (
            r"",
            (
                "no volume fits it: its name, size, access mode or storage class is another, or the volume belongs to"
                " another claim"
            ),
            "`kubectl describe pvc {claim} {in_namespace}` and `kubectl get pv`",
        ),
    ),
    Problem.GATE: _likely(
        (
            r"target-health\.alb",
            "the ALB does not have the pod yet, or finds it unhealthy",
            (
                "`kubectl describe ingress {in_namespace}` and `kubectl get albconfig -o yaml` say what the ALB Ingress"
                " Controller refuses; its health check asks the path of `services.{service}.ingress`"
            ),
        ),
        (
            r"k8s\.aliyun\.com/eip",
            "the pod has no EIP yet",
            "`kubectl get podeips {in_namespace}` and the EIPs that the account may have",
        ),
        (r"", "whoever sets the condition has not", "`kubectl describe pod {pod} {in_namespace}`"),
    ),
    Problem.MISSING: _likely(
        (r"", "the service was never deployed here, or was deleted", "`pulumi up --stack {stack} --refresh`"),
    ),
    Problem.PAUSED: _likely(
        (r"", "somebody ran `kubectl rollout pause`", "`kubectl rollout resume deployment {deployment} {in_namespace}`")
    ),
    Problem.LATE: _likely(
        (r"", "its pods are there and say nothing that is known here", "`kubectl describe pods {in_namespace}`"),
    ),
}
_RULED = (Problem.REFUSED, Problem.NODE)
"""What is explained as a failed run is: docs/how-to/when-up-fails.md."""


def likely(problem: Problem, said: str, names: Mapping[str, str]) -> tuple[str, str]:
    """The likely cause and the mend.

    Args:
        problem: what it is.
        said: what Kubernetes says, with the kind of an event before its words.
        names: what cause and mend may name: `stack`, `service`, `deployment`, `pod`, `claim`, `in_namespace`.
    """
    if problem in _RULED:
        subject = {**names, "kind": "Deployment", "called": f"deployment {names['deployment']} {names['in_namespace']}"}
        for cause in CAUSES:
            if (match := cause.about("Deployment", said)) and not callable(cause.mend):
                named = {**subject, **match.groupdict()}
                return f"the service {cause.rule.format_map(named)}", cause.mend.format_map(named)
    for each in _KNOWN.get(Problem.PROBE if problem is Problem.RESTART else problem, ()):
        if each.pattern.search(said):
            return each.cause.format_map(names), each.mend.format_map(names)
    return "", "`kubectl describe deployment {deployment} {in_namespace}`".format_map(names)
