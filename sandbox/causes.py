"""Why Kubernetes refused an object, or did not bring it up: what each text of the API server means, and the mend.

The texts are those of kube-apiserver 1.36 and of pulumi-kubernetes; `tests/cluster` gets them from the real one.
Sources: https://kubernetes.io/docs/reference/using-api/api-concepts/,
https://github.com/pulumi/pulumi-kubernetes/tree/master/provider/pkg/await.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Subject = Mapping[str, str]
"""What a rule or a mend may name: `stack`, `kind`, `object` (`namespace/name`, or `name`), `name` (in the program),
`called` (the object for kubectl: `deployment gateway -n uat`), `in_namespace` (`-n uat`, or `-A`)."""


@dataclass(frozen=True)
class Cause:
    """One thing that can be wrong.

    Attributes:
        pattern: What is said then; its groups may be named in rule and mend.
        rule: What must hold, as a sentence without its subject: "must be …".
        mend: What to do; a text, or what makes it of the subject.
        kind: The only kind that it is about; empty: any.
    """

    pattern: re.Pattern[str]
    rule: str
    mend: str | Callable[[Subject], str]
    kind: str = ""

    def about(self, kind: str, said: str) -> re.Match[str] | None:
        """The text's match, if this is what it says of an object of a kind."""
        return self.pattern.search(said) if self.kind in ("", kind) else None


MENDS = ("PULUMI_K8S_ENABLE_PATCH_FORCE", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS")
"""Settings of the Kubernetes provider for one run, by which a run goes on where another was refused.

Source: https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/
"""

GIVEN = {
    "environment-namespace": "environment.namespace: {{ ownership: given }}",
    "environment-quota": "environment.quota: {{ ownership: given, name: {plain} }}",
    "environment-limit-range": "environment.limitRange: {{ ownership: given, name: {plain} }}",
    "environment-pull-secret": "environment.pullSecret: {{ ownership: given, name: {plain} }}",
    "nas-volume-claim": "nas.volume: {{ ownership: given, claim: {plain} }}",
}
"""What to write into the stack file so that a resource, by its name in the program, is used and not created."""


def given_setting(subject: Subject) -> str | None:
    """The setting with which a stack uses an object that exists, instead of creating it; None where there is none."""
    stated = GIVEN.get(subject["name"])
    return stated.format(plain=subject["object"].rpartition("/")[2]) if stated else None


def _exists(subject: Subject) -> str:
    take_over = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true pulumi up --stack {stack} --target '**::{name}'".format_map(
        subject
    )
    if given := given_setting(subject):
        return f"others use it: `{given}` in Pulumi.{subject['stack']}.yaml. It is this stack's own: `{take_over}`"
    if subject["kind"] == "PersistentVolume":
        return (
            "it was kept on purpose when the stack went. `kubectl delete {called}` removes the entry and no file "
            "(its reclaim policy is Retain), then run again"
        ).format_map(subject)
    return (
        f"look whose it is: `kubectl get {subject['called']} -o yaml`. This stack's own, from a run that lost its "
        f"connection: `{take_over}`. Left over: `kubectl delete {subject['called']}`, then run again"
    )


def _cause(pattern: str, rule: str, mend: str | Callable[[Subject], str], kind: str = "") -> Cause:
    return Cause(re.compile(pattern, re.DOTALL), rule, mend, kind)


PROTECTED = _cause(
    r"resource \"urn:pulumi:[^\"]+::(?P<protected>[^\":]+)\".*(?:marked for protection|because it is protected)",
    "must stay: it holds data, or others share it, so the engine protects it",
    "put the change back. On purpose: `ack-platform:allowReplace: [{{resource: {protected}, reason: …, until: …}}]` in "
    "Pulumi.{stack}.yaml, run `up`, then make the change and run it again. docs/how-to/replace-on-purpose.md",
)
"""Why the engine itself refuses: of a resource of any provider, and of a provider."""

_LOST = (
    r"connection refused|connection reset by peer|: EOF|unexpected EOF|i/o timeout|TLS handshake timeout|"
    r"client connection lost|no such host|no route to host|context deadline exceeded|etcdserver: |"
    r"the server is currently unable to handle the request|apiserver not ready"
)
_EVENTS = "`kubectl get events {in_namespace} --field-selector type=Warning --sort-by .lastTimestamp` says why"

CAUSES: tuple[Cause, ...] = (
    _cause(
        r"failed calling webhook \"(?P<webhook>[^\"]+)\"",
        "must be judged by the admission webhook {webhook}, which does not answer",
        "bring up the pods behind it, or, if what it belonged to is gone, delete its configuration: `kubectl get "
        "validatingwebhookconfigurations,mutatingwebhookconfigurations`. Then run again",
    ),
    _cause(
        r"admission webhook \"(?P<webhook>[^\"]+)\" denied the request",
        "must be what the admission webhook {webhook} lets through",
        "do what it says, or ask whoever runs it: `kubectl get validatingwebhookconfigurations,"
        "mutatingwebhookconfigurations`. Then run again",
    ),
    _cause(
        r"in namespace (?P<namespace>[\w.-]+) because it is being terminated",
        "must be in a namespace that stays: {namespace} is being deleted, and nothing can be created in it",
        "`kubectl get namespace {namespace} -o yaml` says under status.conditions what its end waits for. Once it is "
        "gone: `pulumi refresh --stack {stack}`, then run again",
    ),
    _cause(
        r"object is being deleted: ",
        "must be gone before it is created anew: it is being deleted, and its finalizers hold it",
        "`kubectl get {called} -o yaml` names the finalizers and what they wait for. Once it is gone, run again",
    ),
    _cause(r"\"[^\"]+\" already exists", "must not exist yet: the state of this stack does not know it", _exists),
    _cause(
        r"conflicts? with \"(?P<manager>[^\"]+)\"",
        "must have fields that only this program states: {manager} has taken some of them",
        "{manager} is a person or a tool that is done: `PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up --stack {stack}` "
        "takes the fields back, once. It is a controller that goes on: leave the fields to it",
    ),
    _cause(
        r"exceeded quota: (?P<quota>[\w.-]+), requested: (?P<requested>.+?), used: (?P<used>.+?), "
        r"limited: (?P<limited>[^\n]+)",
        "must fit into the ResourceQuota {quota}: {requested} more than {used} is above {limited}",
        "raise the quota (ack-platform is this stack's own, `environment.quota.hard`), or lower replicas or resources "
        "of the services; `kubectl describe resourcequota {quota} {in_namespace}` says what is used. Then run again",
    ),
    _cause(
        r"failed quota: (?P<quota>[\w.-]+): must specify (?P<resources>[^\n]+)",
        "must say in each container what the ResourceQuota {quota} counts: {resources}",
        "state it under `services.NAME.resources`, or a default for all under `environment.limitRange`",
    ),
    _cause(
        r"violates PodSecurity \"(?P<level>[^\"]+)\"",
        "must have pods that keep to Pod Security {level}, which the namespace enforces",
        "`services.NAME.securityProfile` of that level, or a lower `environment.namespace.podSecurity`",
    ),
    _cause(
        r"User \"(?P<user>[^\"]+)\" cannot (?P<verb>\w+) resource \"(?P<resource>[^\"]+)\"",
        "must be allowed: {user} may not {verb} {resource}",
        "`docs/rbac` has the rights that a run needs: apply it; `kubectl auth can-i {verb} {resource} {in_namespace}` "
        "then says yes",
    ),
    _cause(
        r"attempting to grant RBAC permissions not currently held",
        "must give no right that its giver does not hold",
        "`docs/rbac` has the rights that a run needs: apply it, then run again",
    ),
    _cause(
        r"no matches for kind|the server could not find the requested resource|could not find the requested resource",
        "must be of a kind that the cluster serves: the controller that brings it is not installed",
        "install it: `addons` in the stack file, AlbConfig comes with ALB Ingress Controller and PodEIP with "
        "ack-extend-network-controller. Then run again",
    ),
    _cause(
        r"(?<![\w/])namespaces? \"(?P<namespace>[^\"]+)\" not found",
        "must be in a namespace that exists: there is no {namespace}",
        "it was deleted outside Pulumi: `pulumi refresh --stack {stack}`, then run again",
    ),
    _cause(
        r"field is immutable|may not be updated|updates to .* are forbidden",
        "must keep this field for as long as the object exists",
        "put the old value back; another value needs another name, or the object deleted first",
    ),
    _cause(
        r" is invalid: ",
        "must be an object that the API server takes",
        "correct the setting that this field comes from: `ackp explain` names the file; then report it, for the check "
        "should have said so first",
    ),
    _cause(
        r"Unauthorized|provide credentials|certificate has expired",
        "must be written by someone whom the API server knows",
        "get fresh credentials for `cluster.kubeconfig`; `kubectl auth whoami` then says who you are",
    ),
    _cause(
        _LOST,
        "must be written by an API server that answers",
        "once `kubectl get --raw /readyz` says ok, run again. What it had acknowledged is kept; what it wrote without "
        "a word exists already, and the next run says so",
    ),
    _cause(
        r"ErrImagePull|ImagePullBackOff|Failed to pull image|InvalidImageName",
        "must run an image that the nodes can pull",
        "correct `services.NAME.image`, or the pull Secret's password: `kubectl describe {called}`. Then run again",
    ),
    _cause(
        r"CrashLoopBackOff|Back-off restarting|OOMKilled",
        "must run a program that stays up",
        "`kubectl logs {called} --previous` says why it ended. Then run again",
    ),
    _cause(
        r"FailedScheduling",
        "must find nodes with room for its pods",
        "add nodes, or lower `resources` of the services; the event names what each node lacks. Then run again",
    ),
    _cause(
        r"finalizers might be preventing deletion|stays Terminating",
        "must be gone: its finalizers hold it",
        "`kubectl get {called} -o yaml` names the finalizers; what uses the object goes first. Then run again",
    ),
    _cause(
        r"timed out waiting|is not bound",
        "must be bound to its volume",
        "`kubectl describe {called}` says why it is not. Then run again",
        "PersistentVolumeClaim",
    ),
    _cause(
        r"timed out waiting|\.status\.loadBalancer",
        "must be served by the ALB Ingress Controller",
        "`kubectl describe {called}` and `kubectl get albconfig -o yaml` say which listener, certificate or class is "
        "wrong. Then run again",
        "Ingress",
    ),
    _cause(
        r"timed out waiting",
        "must be acted on by the ALB Ingress Controller",
        "`kubectl describe {called}` says why it is not. Then run again",
        "AlbConfig",
    ),
    _cause(
        r"timed out waiting|failed to fully initialize or become live",
        "must become ready in its time",
        f"{_EVENTS}. Then run again",
    ),
    _cause(
        r"resource '[^']+' does not exist",
        "must exist: the stack is given it, and does not create it",
        "create it, or let this stack create it with `ownership: owned`",
    ),
    _cause(
        r"not found",
        "must still be there: it was deleted outside Pulumi",
        "`pulumi refresh --stack {stack}`, then run again",
    ),
)
"""The first whose text is said is the reason: what is special comes before what is general."""
