"""The JVM's memory as one sum against the container's limit.

Source: https://docs.oracle.com/en/java/javase/17/troubleshoot/diagnostic-tools.html names the areas (native memory
tracking).
"""

from dataclasses import dataclass

from config import quantity
from config.workload import Jvm


@dataclass(frozen=True)
class JvmSize:
    """The areas of a JVM in MiB, and the limit that they must fit."""

    heap: int
    metaspace: int
    code_cache: int
    direct_memory: int
    stacks: int
    other: int
    limit: int

    @property
    def total(self) -> int:
        """The sum of all areas, MiB."""
        return self.heap + self.metaspace + self.code_cache + self.direct_memory + self.stacks + self.other

    @property
    def fits(self) -> bool:
        """Whether the kernel has no reason to kill the container at full use."""
        return self.total <= self.limit

    def __str__(self) -> str:
        return (
            f"heap {self.heap} + metaspace {self.metaspace} + code cache {self.code_cache} + direct"
            f" {self.direct_memory} + stacks {self.stacks} + other {self.other} = {self.total} Mi of {self.limit} Mi"
        )


def jvm_size(jvm: Jvm, memory_limit: str) -> JvmSize:
    """The areas of a JVM with these settings in a container with this memory limit."""
    limit = quantity.mebibytes(memory_limit)
    return JvmSize(
        heap=limit * jvm.heap_percent // 100,
        metaspace=jvm.metaspace_mi,
        code_cache=jvm.code_cache_mi,
        direct_memory=jvm.direct_memory_mi,
        stacks=jvm.threads * jvm.thread_stack_ki // 1024,
        other=jvm.other_mi,
        limit=limit,
    )


def largest_heap_percent(jvm: Jvm, memory_limit: str) -> int:
    """The largest ``heapPercent`` that fits the limit; 0 when the other areas alone do not."""
    size = jvm_size(jvm, memory_limit)
    return max(0, (size.limit - (size.total - size.heap)) * 100 // size.limit)
