"""One environment name, and nothing that names another one."""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """A stack file of another environment, and directories of another environment."""
    environment = settings.environment.name
    if not belongs(settings.stack, environment):
        rule = f'must be the environment of the stack "{settings.stack}"'
        yield Problem("environment.name", rule, f"name: {settings.stack}, or rename the stack file", environment)
    marked = {
        part.replace("{environment}", environment)
        for part in settings.environment.data_dir.split("/")
        if "{environment}" in part and "{service}" not in part
    }
    for name, service in settings.services.items():
        stated = service.data_dir
        if stated is not None and marked and marked.isdisjoint(stated.split("/")):
            rule = f"must have a part {' or '.join(sorted(marked))}: another path belongs to another environment"
            usual = settings.environment.data_dir.replace("{environment}", environment).replace("{service}", name)
            yield Problem(f"services.{name}.dataDir", rule, f"for example {usual}", stated)


def belongs(stack: str, environment: str) -> bool:
    """Whether a stack's name is the environment's, perhaps with a word before or after it: ``shop-uat``."""
    return f"-{environment}-" in f"-{stack}-"
