"""The shipped stacks on one cluster, with the imitated controllers of ACK."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache

from tests.cluster.api import Api, Object
from tests.cluster.applier import Applier
from tests.cluster.controllers.alb import AlbIngressController
from tests.cluster.controllers.eip import EipController
from tests.cluster.deployer import Deployer
from tests.cluster.program import Step, steps
from tests.program.stacks import record

CERTIFICATES: Mapping[str, Collection[str]] = {
    "10000001-cn-hangzhou": ("*.test.example.com",),
    "10000002-cn-hangzhou": ("*.uat.example.com",),
}
"""The certificates that the shipped stacks are given."""

_NAMESPACE = "environment-namespace"
"""The logical name of a stack's Namespace."""


@cache
def plan(stack: str, **changes: object) -> dict[str, Step]:
    """The objects of a shipped stack, from its real program.

    Args:
        stack: Its name.
        changes: Settings by key path, with `__` for the dots: `services__exam__replicas=3`.
    """
    return steps(record(stack, changes=tuple((key.replace("__", "."), value) for key, value in changes.items())))


class Platform:
    """Stacks on a cluster.

    Args:
        api: The cluster, as its administrator.
        stacks: Names of shipped stacks.
        deployer: Who runs `pulumi up`; the administrator if left out.

    Attributes:
        applier: What brings objects up and down.
        plans: The objects of each stack as they are now.
    """

    def __init__(self, api: Api, stacks: Collection[str], deployer: Deployer | None = None) -> None:
        self.api = api
        self._deployer = deployer
        self.applier = Applier(deployer.api if deployer else api)
        self.plans = {stack: plan(stack) for stack in stacks}
        self._controllers = (AlbIngressController(api, CERTIFICATES), EipController(api))

    @contextmanager
    def controlled(self) -> Iterator[Platform]:
        """Run the controllers while the block runs."""
        with ExitStack() as stack:
            for controller in self._controllers:
                stack.enter_context(controller.running())
            yield self

    @contextmanager
    def at_work(self) -> Iterator[Platform]:
        """Run the controllers while the block runs, and bring the stacks up first."""
        with self.controlled():
            with ThreadPoolExecutor() as pool:  # as two people would, at the same time
                list(pool.map(self._up, self.plans.values()))
            yield self

    def _up(self, steps: dict[str, Step]) -> None:
        if self._deployer is None:
            self.applier.up(steps)
            return
        namespace = steps[_NAMESPACE]
        self.applier.up({_NAMESPACE: namespace})
        self._deployer.admit(namespace.stated["metadata"]["name"])
        self.applier.up({name: step for name, step in steps.items() if name != _NAMESPACE})

    def change(self, stack: str, new: dict[str, Step]) -> None:
        """Bring a stack that is up to another plan, which is its plan from then on."""
        old, self.plans[stack] = self.plans[stack], new
        self.applier.change(old, new)

    def stated(self, kind: str) -> list[Object]:
        """The objects of a kind, as the programs state them."""
        return [each.stated for each in self._steps() if each.stated["kind"] == kind]

    def live(self, kind: str) -> list[Object]:
        """The objects of a kind, as the server has them."""
        found = [self.api.live(each) for each in self.stated(kind)]
        return [each for each in found if each is not None]

    def object(self, stack: str, name: str) -> Object:
        """A copy of a stated object, by its logical name, to be changed."""
        return copy.deepcopy(self.plans[stack][name].stated)

    def _steps(self) -> Iterator[Step]:
        for each in self.plans.values():
            yield from each.values()
