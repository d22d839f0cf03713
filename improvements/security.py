"""The security profile, step by step: legacy, baseline, restricted."""

from __future__ import annotations

from collections.abc import Iterator

from components.manifests.env_vars import HOME
from components.manifests.security import UID
from config.service import SecurityProfile
from improvements.edit import Edit
from improvements.fragment import DIRECTIVE
from improvements.improvement import Item
from improvements.pod_standards import against_baseline, against_restricted
from improvements.subject import POD, Subject

_NEXT: dict[SecurityProfile, SecurityProfile] = {
    "legacy": "baseline",
    "baseline": "restricted",
    "restricted": "restricted",
}
_LAST_PRIVILEGED_PORT = 1023
_PORTS = "net.ipv4.ip_unprivileged_port_start"
FILES_A_SECOND = 200
"""How many files change their owner in a second: the NAS serves the services meanwhile."""


def _edit(subject: Subject) -> Edit:
    wanted = _NEXT[subject.service.security_profile]
    dropped = [(*POD, "securityContext"), subject.of_container("securityContext")]
    if wanted == "restricted":
        dropped += [
            subject.of_container("env", "HOME"),
            subject.of_container("volumeMounts", HOME),
            (*POD, "volumes", "tmp"),
        ]
    return Edit({("securityProfile",): wanted}, dropped)


def _blocked(before: Subject, after: Subject) -> Iterator[str]:
    pod, profile = after.pod, after.service.security_profile
    yield from against_baseline(pod) if profile == "baseline" else against_restricted(pod)
    if profile != "restricted":
        return
    ports = sorted(port["containerPort"] for port in after.container.get("ports") or ())
    sysctls = {each["name"] for each in (pod.get("securityContext") or {}).get("sysctls") or ()}
    if ports and ports[0] <= _LAST_PRIVILEGED_PORT and (_PORTS not in sysctls or pod.get("hostNetwork")):
        yield f"user {UID} cannot listen on port {ports[0]}: a port of 1024 or above, or the sysctl {_PORTS}"
    env = before.of_container("env")
    if any(field[: len(env) + 1] == (*env, "SYSTEM_OPTIONS") for field in before.patched):
        yield f"the patch states SYSTEM_OPTIONS, so libraries would write outside {HOME}: apply options"
    if (*env, DIRECTIVE) in before.patched:
        yield "the patch states the variables as a whole list, without HOME: apply variables"


def _first(subject: Subject) -> Iterator[str]:
    run = f"{subject.kubectl} exec {subject.deployment} -c {subject.container_name} --"
    if _NEXT[subject.service.security_profile] == "baseline":
        yield "the image must not need sudo, su or another program that gains rights when it is run"
        return
    yield f"the image must run as user {UID}, whatever its own user is, and that user must be able to read the jar"
    writes = f"find / -xdev -type f -newer /etc/hosts ! -path '{HOME}/*'"
    yield f"files that the pod wrote outside DATA_DIR and {HOME}, which will be read-only: {run} {writes}"
    if subject.service.nas is not None:
        data = subject.settings.data_dir(subject.name)
        yield (
            f"files on the NAS that user {UID} does not own, which it may not be able to write:"
            f" {run} sh -c '{count_command(data)}'"
        )
        yield (
            f"with any, change their owner first, {FILES_A_SECOND} a second; count again right before `pulumi up`."
            f" This command changes them, nothing here runs it: {run} sh -c '{owner_command(data)}'"
        )


def count_command(directory: str, user: int = UID) -> str:
    """A shell command that counts what another user owns below a directory; it changes nothing."""
    return f"find {directory} -xdev ! -user {user} | wc -l"


def owner_command(directory: str, user: int = UID, files_a_second: int = FILES_A_SECOND) -> str:
    """A shell command that makes what is in a directory a user's, at most so many files a second; links stay links.

    It may be ended at any time and run again: what is the user's already is not touched. It has no single quotes, so
    it can stand in them.
    """
    step = f'chown -h {user}:{user} -- \\"\\$@\\" && sleep 1'
    return f'find {directory} -xdev ! -user {user} -print0 | xargs -0 -r -n {files_a_second} sh -c "{step}" sh'


SECURITY = Item(
    "security",
    "who takes over the process is root in the container, may change its files, and is one kernel flaw from the node",
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    _edit,
    _blocked,
    _first,
)
