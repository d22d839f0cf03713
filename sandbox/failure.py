"""What a failed run says: one report, for each failure which objects, what was said, the rule and the mend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.causes import CAUSES, PROTECTED, Subject
from sandbox.urn import Urn

_SHOWN_OBJECTS = 3
_LONGEST_SAID = 1000
_RELEASE = "kubernetes:helm.sh/v3:Release"

# What pulumi-kubernetes puts around the API server's own words, in the versions from 4.20 on.
_RESOURCE = r"\"?[^\s\"]+\"?"
_WRAPPINGS = tuple(
    re.compile(pattern, re.DOTALL | re.IGNORECASE)
    for pattern in (
        r"^\d+ errors? occurred:",
        rf"resource {_RESOURCE} was not successfully created by the Kubernetes API server ?: ",
        rf"resource {_RESOURCE} was successfully created, but (?=the Kubernetes API server reported)",
        rf"the Kubernetes API server reported that {_RESOURCE} failed to fully initialize or become live: ",
        rf"(?:creation|update) of resource {_RESOURCE} (?:with kind \S+ )?failed(?: because [^:]*)?: ",
        r"server-side apply field conflict detected[.,] see \S+ for troubleshooting help\.?",
        r"The resource managed by field manager \"[^\"]*\" had an apply conflict: ",
        r"\s*The resource already exists in the cluster\. This can happen when:.*",
        r"\nunable to get cluster state: .*",
        r"\(combined from similar events\): ",
    )
)


@dataclass(frozen=True)
class Failed:
    """A resource that failed.

    Attributes:
        urn: The engine's name of it.
        said: What the provider said.
        object: `namespace/name`, or `name`, of a Kubernetes object; empty where it is not known.
    """

    urn: str
    said: str
    object: str = ""


@dataclass(frozen=True)
class Failure:
    """What failed for one reason.

    Attributes:
        objects: Each as `Deployment uat/gateway (gateway-deployment)`.
        said: The API server's own words.
        rule: What must hold, as a sentence without its subject.
        mend: What to do.
    """

    objects: tuple[str, ...]
    said: str
    rule: str
    mend: str

    def __str__(self) -> str:
        shown = ", ".join(self.objects[:_SHOWN_OBJECTS])
        if len(self.objects) > _SHOWN_OBJECTS:
            shown += f" and {len(self.objects) - _SHOWN_OBJECTS} more"
        said = self.said.replace("\n", f"\n{'':11}")
        lines = [f"  {shown}", f"    said   {said}"]
        if self.rule:
            lines += [f"    rule   {self.rule}", f"    mend   {self.mend}"]
        return "\n".join(lines)


def failures(failed: Iterable[Failed]) -> list[Failure]:
    """What failed, one for each reason: objects with the same rule and the same mend stand together."""
    found: dict[tuple[str, str], Failure] = {}
    for each in failed:
        one = _explained(each)
        key = (one.rule, one.mend) if one.rule else (one.objects[0], one.said)
        before = found.get(key)
        objects = before.objects if before else ()
        if one.objects[0] not in objects:
            found[key] = Failure((*objects, *one.objects), before.said if before else one.said, one.rule, one.mend)
    return list(found.values())


def report(operation: str, failed: Iterable[Failed]) -> str:
    """All failures of a run, with what to do then; empty if there are none.

    Args:
        operation: `up`, `preview` or `down`.
        failed: What failed, in any order.
    """
    found = failures(failed)
    if not found:
        return ""
    count = sum(len(each.objects) for each in found)
    kept = (
        "nothing was changed"
        if operation == "preview"
        else "what was done before is kept, and the next run goes on from there"
    )
    head = f"{operation}: {count} resource{'s' if count != 1 else ''} failed; {kept}."
    return "\n\n".join([head, *map(str, found)])


def _explained(failed: Failed) -> Failure:
    urn, said = Urn(failed.urn), _unwrapped(failed.said)
    is_object = urn.type.startswith("kubernetes:") and urn.type != _RELEASE
    parts = (urn.kind, failed.object, f"({urn.name})") if is_object else (urn.type, urn.name)
    objects = (" ".join(filter(None, parts)),)
    for cause in (PROTECTED, *CAUSES) if is_object else (PROTECTED,):
        if match := cause.about(urn.kind, failed.said):
            subject = {**_subject(urn, failed.object), **match.groupdict()}
            mend = cause.mend(subject) if callable(cause.mend) else cause.mend.format_map(subject)
            return Failure(objects, said, cause.rule.format_map(subject), mend)
    return Failure(objects, said, "", "")


def _subject(urn: Urn, identity: str) -> Subject:
    namespace, _, name = identity.rpartition("/")
    in_namespace = f"-n {namespace}" if namespace else "-A"
    return {
        "stack": urn.stack,
        "kind": urn.kind,
        "name": urn.name,
        "object": identity,
        "called": " ".join(filter(None, (urn.kind.lower(), name or "NAME", namespace and in_namespace))),
        "in_namespace": in_namespace,
    }


def _unwrapped(said: str) -> str:
    """The API server's own words, each line once."""
    for pattern in _WRAPPINGS:
        said = pattern.sub("", said)
    lines = [line.strip().removeprefix("*").strip() for line in said.splitlines()]
    text = "\n".join(dict.fromkeys(filter(None, lines)))
    return text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}…"
