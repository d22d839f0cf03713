"""Pod Security: what the namespace enforces against what pods are."""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Pods that the namespace would refuse, and standards newer than the cluster."""
    namespace = settings.environment.namespace
    version = namespace.pod_security_version
    if version != "latest" and int(version.split(".")[1]) > settings.cluster.minor:
        rule = f"must not be newer than cluster.version, {settings.cluster.version}"
        mend = f'podSecurityVersion: "1.{settings.cluster.minor}" at most'
        yield Problem("environment.namespace.podSecurityVersion", rule, mend, version)
    if namespace.pod_security != "restricted":
        return
    if namespace.ownership == "owned":
        instead = "environment.namespace.podSecurity: baseline"
    else:
        instead = "the level that the given namespace has, if it is another, under environment.namespace.podSecurity"
    for name, service in settings.services.items():
        if service.security_profile != "restricted":
            rule = "must be restricted where the namespace enforces the level restricted: its pods would be refused"
            mend = f"securityProfile: restricted, or {instead}"
            yield Problem(f"services.{name}.securityProfile", rule, mend, service.security_profile)
