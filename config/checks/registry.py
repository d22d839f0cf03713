"""The container registry and the pull Secret."""

import re
from collections.abc import Iterator

from config.environment import OwnedPullSecret
from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """A pull Secret without a user, a registry that the cluster or its Secret cannot reach."""
    registry, region = settings.registry, settings.cluster.region
    owned = isinstance(settings.environment.pull_secret, OwnedPullSecret)
    if owned and registry.username is None:
        rule = "must be set where environment.pullSecret is owned: the Secret is made of it"
        yield Problem("registry.username", rule, "the user of the registry's credentials, for example deploy@example")
    repositories = {"registry.repository": registry.repository}
    for name, service in settings.services.items():
        stated = service.image.repository
        if stated is None:
            continue
        path = f"services.{name}.image.repository"
        repositories[path] = stated
        if owned and stated.split("/", 1)[0] != registry.server:
            rule = f"must be on {registry.server}: the pull Secret that this stack makes is for that server only"
            yield Problem(path, rule, f"{registry.repository}/{name}", stated)
    for path, repository in repositories.items():
        match = re.match(r"(?:[a-z0-9-]+-)?registry-vpc\.(?P<region>[a-z0-9-]+)\.", repository)
        if match and match["region"] != region:
            rule = f"must be in cluster.region, {region}: a VPC address does not reach another region"
            yield Problem(path, rule, repository.replace(match["region"], region, 1), repository)
