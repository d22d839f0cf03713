"""The official Pod Security evaluator and kube-score, built once into the tool cache."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from components.manifests.metadata import Manifest
from sandbox.go_tools import GoTools, programs
from sandbox.progress import Lines

_HERE = Path(__file__).parent
POD_SECURITY: Final = GoTools("pod-security", _HERE / "podsecurity", (".",))
KUBE_SCORE: Final = GoTools("kube-score", _HERE / "kubescore", ("github.com/zegl/kube-score/cmd/kube-score",))


def forbidden(pods: Iterable[Manifest], *, level: str, minor: int) -> list[list[str]]:
    """What a Pod Security level of a Kubernetes minor forbids in each pod; an empty list for a pod that it admits.

    Args:
        pods: pods or pod templates, ``{"metadata": …, "spec": …}``.
        level: ``restricted`` or ``baseline``.
        minor: 36 for Kubernetes 1.36.
    """
    asked = [{"level": level, "version": f"v1.{minor}", "pod": pod} for pod in pods]
    answers = subprocess.run(
        [programs(POD_SECURITY, Lines()) / "pod-security"],
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] = [json.loads(line) for line in answers.stdout.splitlines()]
    assert len(found) == len(asked), answers.stderr
    return found


def score(objects: Sequence[Manifest], *, minor: int, optional: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What kube-score says about each object: a list of ``{object_name, type_meta, checks}``.

    Args:
        objects: everything that belongs together, for some checks look across objects.
        minor: the Kubernetes minor whose stable API versions are expected.
        optional: names of checks that are off by default.
    """
    switches = [word for check in optional for word in ("--enable-optional-test", check)]
    version = ["--kubernetes-version", f"v1.{minor}"]
    done = subprocess.run(
        [programs(KUBE_SCORE, Lines()) / "kube-score", "score", *version, *switches, "--output-format", "json", "-"],
        input=yaml.dump_all(objects),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    scored: list[dict[str, Any]] = json.loads(done.stdout)
    return scored
