"""The log retention of the stack uat, for this folder's tests; they need root, for a container's mounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.platform import Platform, plan
from tests.cluster.retention.image import SHELLS, image
from tests.cluster.retention.job import CRON_JOB, STACK, Retention, job_from, pod_of, remove, switched_on


@pytest.fixture(scope="module")
def retention(platform: Platform, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retention]:
    """Both kinds of run, for every shell, over a directory without services."""
    folder = tmp_path_factory.mktemp("retention")
    api = platform.api
    live = api.live(plan(STACK)[CRON_JOB].stated)
    assert live is not None
    jobs = {True: job_from(live, "log-retention-report"), False: job_from(switched_on(), "log-retention-removal")}
    try:
        for job in jobs.values():
            api.create(job)
        for name in ("nas", "volumes"):
            (folder / name).mkdir()
        images = {shell: image(folder / shell, shell) for shell in SHELLS}
        server = json.loads(kubeconfig.read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
        pods = {dry_run: pod_of(api, job) for dry_run, job in jobs.items()}
        yield Retention(api, server=server, share=folder / "nas", pods=pods, images=images, folder=folder / "volumes")
    finally:
        for job in jobs.values():
            remove(api, job)
