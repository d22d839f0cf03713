"""LogRetention: a CronJob (定时任务) that removes old logs, GC logs and heap dumps of pods that are gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from components.manifests.metadata import (
    Manifest,
    Opaque,
    content_name,
    environment_labels,
    metadata,
    without_none,
)
from components.manifests.network_policy import api_server_policy
from components.manifests.security import UID, container_security
from components.manifests.spring_service import Place
from config import StackSettings
from config.log_retention import JOB_HISTORY, JOB_LIMITS, JOB_NAME, JOB_REQUESTS, LogRetention

PODS = {"app.kubernetes.io/name": JOB_NAME}
SCRIPT = "log-retention.sh"
ROOT = "/data"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 -- a directory
_START_WITHIN_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names that the CronJob refers to."""

    namespace: Opaque
    """The environment's namespace."""
    claim: Opaque
    """The PersistentVolumeClaim that services mount."""
    service_account: Opaque
    """The ServiceAccount that may list pods."""
    script: Opaque
    """The ConfigMap of the script."""
    pull_secret: Opaque
    """The image pull Secret; None where there is none."""


def log_retention(
    settings: StackSettings, place: Place, *, namespace: Opaque, claim: Opaque, pull_secret: Opaque
) -> None:
    """Build the CronJob and what it needs, and place each under its role; nothing without ``logRetention``."""
    if settings.log_retention is None:
        return
    account = place("service-account", service_account(settings, namespace))
    role_name = place("role", role(settings, namespace))
    place("role-binding", role_binding(settings, role_name, account, namespace))
    if settings.environment.network_policies is not None:
        place("network-policy", api_server_policy(settings, JOB_NAME, PODS, namespace))
    names = Names(
        namespace=namespace,
        claim=claim,
        service_account=account,
        script=place("script", script(settings, namespace)),
        pull_secret=pull_secret,
    )
    place("cron-job", cron_job(settings, settings.log_retention, names))


def service_account(settings: StackSettings, namespace: Opaque) -> Manifest:
    """The ServiceAccount; only the CronJob's own pod spec asks for its token."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(settings, namespace),
        "automountServiceAccountToken": False,
    }


def role(settings: StackSettings, namespace: Opaque) -> Manifest:
    """The Role: to list the names of the pods that live, and nothing else."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": _metadata(settings, namespace),
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
    }


def role_binding(settings: StackSettings, role_name: Opaque, account: Opaque, namespace: Opaque) -> Manifest:
    """The RoleBinding of the Role to the ServiceAccount."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": _metadata(settings, namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role_name},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }


def script(settings: StackSettings, namespace: Opaque) -> Manifest:
    """The ConfigMap of the script; a new script is a new object, so a run in progress keeps the old one."""
    data = {SCRIPT: files("components").joinpath("scripts", SCRIPT).read_text(encoding="utf-8")}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(settings, namespace, name=content_name(JOB_NAME, data)),
        "data": data,
        "immutable": True,
    }


def cron_job(settings: StackSettings, retention: LogRetention, names: Names) -> Manifest:
    """The CronJob; runs never overlap, and the last three of each outcome stay to be read.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    """
    labels = {**environment_labels(settings), **PODS}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": _metadata(settings, names.namespace),
        "spec": {
            "schedule": retention.schedule,
            "timeZone": retention.time_zone,
            "suspend": retention.suspend,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": _START_WITHIN_SECONDS,
            "successfulJobsHistoryLimit": JOB_HISTORY,
            "failedJobsHistoryLimit": JOB_HISTORY,
            "jobTemplate": {
                "metadata": {"labels": labels},
                "spec": {
                    # A failed run is read by a person; the next one comes by the schedule.
                    "backoffLimit": 0,
                    "activeDeadlineSeconds": retention.deadline_seconds,
                    "template": {"metadata": {"labels": labels}, "spec": _pod(settings, retention, names)},
                },
            },
        },
    }


def directories(settings: StackSettings) -> dict[str, str]:
    """Where the job mounts what: mount path below ``ROOT`` → directory of the volume.

    Services whose directories lie side by side in the environment's own directory are mounted by that directory, so a
    service more or less does not change the job. Others are mounted one by one: beside ``product/exam/uat`` lies
    ``product/exam/test``, whose live pods this environment does not know.
    """
    found: dict[str, str] = {}
    for name in settings.services:
        sub_path = settings.sub_path(name)
        if sub_path is None:
            continue
        parent, _, last = sub_path.rpartition("/")
        place = parent.replace("/", "-")  # a/b and a-b have the same: the second is mounted one by one
        if last == name and settings.environment.name in parent.split("/") and found.get(place, parent) == parent:
            found[place] = parent
        elif sub_path not in found.values():
            found[f"services/{name}"] = sub_path
    return found


def _pod(settings: StackSettings, retention: LogRetention, names: Names) -> Manifest:
    pull_secrets = None if names.pull_secret is None else [{"name": names.pull_secret}]
    return without_none(
        {
            "automountServiceAccountToken": True,
            "containers": [_container(settings, retention)],
            "enableServiceLinks": False,
            "imagePullSecrets": pull_secrets,
            "restartPolicy": "Never",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": UID,
                "runAsGroup": UID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "serviceAccountName": names.service_account,
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": names.claim}},
                {"name": "script", "configMap": {"name": names.script, "defaultMode": 0o444}},
            ],
        }
    )


def _container(settings: StackSettings, retention: LogRetention) -> Manifest:
    return {
        "name": JOB_NAME,
        "image": retention.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", f"/scripts/{SCRIPT}"],
        "env": list(_env(retention)),
        "resources": {"requests": dict(JOB_REQUESTS), "limits": dict(JOB_LIMITS)},
        "securityContext": container_security("restricted"),
        "volumeMounts": [
            {"name": "script", "mountPath": "/scripts", "readOnly": True},
            *(
                {"name": "data", "mountPath": f"{ROOT}/{place}", "subPath": sub_path}
                for place, sub_path in directories(settings).items()
            ),
        ],
    }


def _env(retention: LogRetention) -> Iterator[Manifest]:
    values = {
        "API_SERVER": "https://kubernetes.default.svc",
        "DRY_RUN": "true" if retention.dry_run else "false",
        "DUMPS_DAYS": str(retention.dumps_days),
        "KEEP_DUMPS": str(retention.keep_dumps),
        "LOGS_DAYS": str(retention.logs_days),
        "ROOT": ROOT,
        "SERVICE_ACCOUNT": _TOKEN,
    }
    for name, value in values.items():
        yield {"name": name, "value": value}
    for name, path in (("NAMESPACE", "metadata.namespace"), ("POD_NAME", "metadata.name")):
        yield {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def _metadata(settings: StackSettings, namespace: Opaque, *, name: str = JOB_NAME) -> Manifest:
    return metadata(name, {**environment_labels(settings), **PODS}, namespace=namespace)
