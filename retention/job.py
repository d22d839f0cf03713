"""The Job of one run: the CronJob's own, with what was asked for."""

from __future__ import annotations

import copy
from typing import Any

from components.manifests.log_retention import ROOT
from config import StackSettings
from config.log_retention import JOB_NAME

Object = dict[str, Any]
KEPT_SECONDS = 3600
"""How long a run stays in the cluster after its end, if nobody is there to remove it."""


def job(cron_job: Object, settings: StackSettings, service: str | None = None, *, apply: bool = False) -> Object:
    """The Job of a run.

    As ``kubectl create job --from`` makes it, so the CronJob's history counts it and keeps no more than it says:
    https://github.com/kubernetes/kubectl/blob/master/pkg/cmd/create/create_job.go

    Args:
        cron_job: the live CronJob.
        settings: the stack's settings.
        service: whose directory alone is mounted; None for all.
        apply: whether it removes what it finds; else it only reports.
    """
    owner = cron_job["metadata"]
    template = copy.deepcopy(cron_job["spec"]["jobTemplate"])
    (container,) = template["spec"]["template"]["spec"]["containers"]
    container["env"] = [
        {"name": "DRY_RUN", "value": str(not apply).lower()} if each["name"] == "DRY_RUN" else each
        for each in container["env"]
    ]
    if service is not None:
        data = [each for each in container["volumeMounts"] if each["mountPath"].startswith(f"{ROOT}/")]
        own = {**data[0], "mountPath": f"{ROOT}/services/{service}", "subPath": settings.sub_path(service)}
        container["volumeMounts"] = [each for each in container["volumeMounts"] if each not in data] + [own]
    reference = {"apiVersion": "batch/v1", "kind": "CronJob", "name": owner["name"], "uid": owner["uid"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "generateName": f"{JOB_NAME}-",
            "namespace": owner["namespace"],
            "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
            "labels": template["metadata"].get("labels") or {},
            "ownerReferences": [{**reference, "controller": True}],
        },
        "spec": {**template["spec"], "ttlSecondsAfterFinished": KEPT_SECONDS},
    }
