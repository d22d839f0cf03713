"""Names that must differ, and names that Kubernetes refuses."""

from collections.abc import Iterator, Mapping

from config.environment import OwnedPullSecret
from config.errors import UNSET, Problem
from config.files import show_path
from config.log_retention import JOB_NAME
from config.registration import SIDECAR_NAME
from config.service import Service
from config.stack import StackSettings

_NACOS_SECRET = "nacos-credentials"  # noqa: S105 -- the Secret's name


def check(settings: StackSettings) -> Iterator[Problem]:
    """Two objects of a kind with one name, two services with one Nacos name or selector, names of the wrong form."""
    services = settings.services
    kinds: dict[str, dict[str, tuple[str, str]]] = {
        "Deployment": {
            name: (f"services.{name}.names.deployment", each.names.deployment or name)
            for name, each in services.items()
        },
        "Service": {
            name: (f"services.{name}.service.name", each.service.name or name)
            for name, each in services.items()
            if each.service
        },
        "Ingress": {
            name: (f"services.{name}.ingress.name", each.ingress.name or name)
            for name, each in services.items()
            if each.ingress
        },
    }
    for kind, names in kinds.items():
        yield from _twice(kind, names)
    for path, name in kinds["Service"].values():
        if not name[0].isalpha():
            rule = "must start with a letter: Kubernetes before 1.36 refuses a Service's name with a digit"
            yield Problem(path, rule, f"svc-{name}", name)
    yield from _containers(settings)
    yield from _log_retention(settings)
    yield from _network_policies(settings)
    yield from _nacos_names(services)
    yield from _selectors(settings)
    pull_secret = settings.environment.pull_secret
    if isinstance(pull_secret, OwnedPullSecret) and pull_secret.name == _NACOS_SECRET:
        rule = f"must not be {_NACOS_SECRET}: the Secret with the Nacos login has that name"
        yield Problem("environment.pullSecret.name", rule, "for example acr-credentials", pull_secret.name)


def _twice(kind: str, names: Mapping[str, tuple[str, str]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for service, (path, name) in names.items():
        owner = first.setdefault(name, service)
        if owner != service:
            yield Problem(
                path, f"must not be the name of another {kind}: {owner} has it", f"for example {service}", name
            )


def _containers(settings: StackSettings) -> Iterator[Problem]:
    for name, service in settings.services.items():
        if settings.container(name) == SIDECAR_NAME and settings.registration_mode(name) == "sidecar":
            rule = f"must not be {SIDECAR_NAME}: the sidecar in the same pod has that name"
            yield Problem(f"services.{name}.names.container", rule, "for example app", service.names.container or UNSET)


def _log_retention(settings: StackSettings) -> Iterator[Problem]:
    if settings.log_retention is not None and JOB_NAME in settings.services:
        rule = "must not be the name of the job that removes logs: both have a ServiceAccount of that name"
        yield Problem(f"services.{JOB_NAME}", rule, "another name for the service")


def _network_policies(settings: StackSettings) -> Iterator[Problem]:
    """The policies of the whole environment have names that a service's own policy must not take."""
    if settings.environment.network_policies is None:
        return
    for name in settings.services:
        if name == "default-deny" or name.startswith("allow-"):
            rule = "must not be default-deny or start with 'allow-': the environment's NetworkPolicies have such names"
            yield Problem(show_path(("services", name)), rule, "another name for the service")


def _nacos_names(services: Mapping[str, Service]) -> Iterator[Problem]:
    """A canary registers as the service beside it; other services have a name each."""
    first: dict[str, str] = {}
    for service, each in services.items():
        name = each.registration.nacos_name
        if name is None or (each.ingress is not None and each.ingress.canary is not None):
            continue
        owner = first.setdefault(name, service)
        if owner != service:
            rule = f"must not be the name of another service: {owner} registers by it"
            yield Problem(f"services.{service}.registration.nacosName", rule, f"for example {service}", name)


def _selectors(settings: StackSettings) -> Iterator[Problem]:
    """One selector inside another makes two Deployments count each other's pods."""
    environment = settings.environment.name
    selectors = {
        name: dict(
            each.selector_labels or {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": environment}
        ).items()
        for name, each in settings.services.items()
    }
    for name, each in settings.services.items():
        if each.selector_labels is None:
            continue
        labels = {
            other: {
                "app.kubernetes.io/name": other,
                "app.kubernetes.io/instance": environment,
                "env": environment,
                **settings.services[other].labels,
                **dict(selectors[other]),
            }.items()
            for other in settings.services
            if other != name
        }
        for other, theirs in labels.items():
            if selectors[name] <= theirs:
                rule = f"must not select the pods of {other} too"
                value = ", ".join(f"{key}={label}" for key, label in each.selector_labels.items())
                path = show_path(("services", name, "selectorLabels"))
                yield Problem(path, rule, "add the label by which the live Deployment tells them apart", value)
