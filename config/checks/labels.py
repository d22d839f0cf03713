"""Labels and annotations: prefixes that belong to somebody else, and keys that settings write."""

from collections.abc import Iterator

from config.errors import Problem
from config.files import show_path
from config.stack import StackSettings

_OUR_LABELS = {
    "app.kubernetes.io/name": "it is the service's name",
    "app.kubernetes.io/instance": "it is environment.name",
    "app.kubernetes.io/managed-by": "it is pulumi",
    "app.kubernetes.io/part-of": "it is ack-platform",
    "env": "it is environment.name",
}
_GENERATED_LABELS = ("pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name")
_OUR_ANNOTATIONS = {
    "k8s.aliyun.com/pod-with-eip": "eip",
    "k8s.aliyun.com/eip-bandwidth": "eip.bandwidth",
    "k8s.aliyun.com/eip-internet-charge-type": "eip.chargeType",
    "k8s.aliyun.com/eip-common-bandwidth-package-id": "eip.bandwidthPackage",
    "k8s.aliyun.com/pod-eip-release-strategy": "eip.releaseStrategy",
    "prometheus.io/scrape": "metrics",
    "prometheus.io/path": "metrics.path",
    "prometheus.io/port": "metrics.port",
    "kubectl.kubernetes.io/restartedAt": "restartedAt",
    "ack-platform/rollout": "image.rollout",
}
_FOREIGN_ANNOTATIONS = {
    "pulumi.com/": "Pulumi's: the program writes it",
    "deployment.kubernetes.io/": "the Deployment controller's",
    "kubectl.kubernetes.io/": "kubectl's",
    "seccomp.security.alpha.kubernetes.io/": "the old form of a security setting: use securityProfile",
    "container.apparmor.security.beta.kubernetes.io/": "the old form of a security setting: use securityProfile",
    "alb.ingress.kubernetes.io/": "the Ingress's: it belongs under ingress.annotations",
    "nginx.ingress.kubernetes.io/": "the Ingress's: it belongs under ingress",
    "network.alibabacloud.com/": "another spelling of k8s.aliyun.com/: use eip",
}
_MOST_BYTES = 256 * 1024


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every label and annotation of a service that is not the user's to write."""
    for name, service in settings.services.items():
        for key in service.labels:
            yield from _label(name, key, service.labels[key])
        for key in service.selector_labels or {}:
            # An adopted selector is whatever the live Deployment has, since it can never be changed; but no
            # Deployment was ever made with a label that its own controller generates.
            if key in _GENERATED_LABELS:
                path = show_path(("services", name, "selectorLabels", key))
                yield Problem(path, "must not be a label that a controller generates", "remove it", key)
        for key in service.annotations:
            yield from _annotation(name, key)
        size = sum(len(key) + len(value.encode()) for key, value in service.annotations.items())
        if size > _MOST_BYTES:
            rule = f"must be at most {_MOST_BYTES // 1024} KiB together"
            yield Problem(f"services.{name}.annotations", rule, "put data into configFiles", f"{size} bytes")


def reserved_label(key: str) -> bool:
    """Whether a label's prefix belongs to Kubernetes, Alibaba Cloud or Pulumi; ``app.kubernetes.io/`` is for everybody.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
    """
    prefix, slash, _ = key.rpartition("/")
    domains = ("kubernetes.io", "k8s.io", "pulumi.com", "aliyun.com", "alibabacloud.com")
    if key.startswith(("aliyun", "acs")) and (slash or key.startswith("aliyun")):
        return True
    return (
        bool(slash) and prefix != "app.kubernetes.io" and f".{prefix}".endswith(tuple(f".{each}" for each in domains))
    )


def _label(name: str, key: str, value: str) -> Iterator[Problem]:
    path = show_path(("services", name, "labels", key))
    if key in _OUR_LABELS:
        yield Problem(path, f"must not be a label that the program writes: {_OUR_LABELS[key]}", "remove it", value)
    elif key in _GENERATED_LABELS or reserved_label(key):
        rule = "must not have a reserved prefix: kubernetes.io, k8s.io, pulumi.com, aliyun"
        yield Problem(path, rule, f"a prefix of your own, for example example.com/{key.rpartition('/')[2]}", value)


def _annotation(name: str, key: str) -> Iterator[Problem]:
    path = show_path(("services", name, "annotations", key))
    if key in _OUR_ANNOTATIONS:
        mend = f"use services.{name}.{_OUR_ANNOTATIONS[key]}"
        yield Problem(path, "must not be an annotation that a setting writes", mend, key)
        return
    for prefix, owner in _FOREIGN_ANNOTATIONS.items():
        if key.startswith(prefix):
            yield Problem(path, f"must not be an annotation of somebody else; this one is {owner}", "remove it", key)
