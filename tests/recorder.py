"""A fake engine that records what a program registers, with all options; in update and in preview mode.

It is as true as the mocks of the Pulumi SDK allow: in a preview, ids and computed values of new resources are unknown.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.settings import ROOT, SETTINGS
from pulumi.runtime.stack import run_pulumi_func

_SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"
_UNKNOWN_SIGNATURE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_NAME = r"[a-z0-9][a-z0-9._-]*"

COMPUTED: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "alicloud:alb/loadBalancer:LoadBalancer": lambda name, _: {"dnsName": f"{name}.alb.aliyuncs.com"},
    "alicloud:cs/kubernetesAddon:KubernetesAddon": lambda _, inputs: {"version": inputs.get("version", "v2.20.0")},
    "alicloud:nas/mountTarget:MountTarget": lambda name, _: {
        "mountTargetDomain": f"{name}.cn-hangzhou.nas.aliyuncs.com"
    },
}
"""What the cloud adds to a new resource's inputs: known after an update, unknown in a preview."""


class Unknown:
    """A value that is known only after the update."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the program marked as secret."""

    value: Any


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One registration: a resource that is created, or one that is only read."""

    urn: str
    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    custom: bool
    read_id: str | None = None
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    """Those among the dependencies that no input shows: they were asked for."""
    deleted_with: str = ""
    provider: str = ""
    secret_outputs: tuple[str, ...] = ()


@dataclass
class Recording:
    """What a program did."""

    resources: list[Registered] = field(default_factory=list)
    calls: list[MockCallArgs] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By URN, what ``register_outputs`` was given; the stack's own exports under its URN."""
    result: Any = None
    """What the program returned, with outputs resolved; ``UNKNOWN`` for what is known only after the update."""

    def __getitem__(self, name: str) -> Registered:
        """The one resource with this logical name."""
        found = [each for each in self.resources if each.name == name]
        assert len(found) == 1, f"{name}: {len(found)} of {sorted(each.name for each in self.resources)}"
        return found[0]

    def names(self) -> set[str]:
        """All logical names."""
        return {each.name for each in self.resources}

    def of_type(self, type_: str) -> list[Registered]:
        """All resources of a type token's last part, for example ``Secret``."""
        return [each for each in self.resources if each.type.rsplit(":", 1)[-1] == type_]


def run(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    stack: str = "test",
    answers: Mapping[str, Any] | None = None,
    live: Mapping[str, Mapping[str, Any]] | None = None,
    config: Mapping[str, str] | None = None,
    secret_keys: tuple[str, ...] = (),
    recording: Recording | None = None,
) -> Recording:
    """Run a program and record what it does.

    Args:
        program: registers resources; may return an output, or a dict of outputs, which are resolved.
        preview: run as ``pulumi preview`` does.
        stack: the stack's name.
        answers: what data sources answer, by the token's last part (``getLoadBalancers``); else nothing.
        live: the state of objects that are read, by id.
        config: configuration by full key.
        secret_keys: the full keys among them that are encrypted.
        recording: filled as the program runs; for programs that fail.
    """
    recording = recording or Recording()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks = _Cloud(recording, answers or {}, live or {}, preview=preview)
    try:
        # The SDK's mocks keep these two from one program to the next.
        SETTINGS.outputs = set()
        ROOT.set(None)
        monitor = _Monitor(mocks, recording)
        pulumi.runtime.set_mocks(mocks, project="ack-platform", stack=stack, preview=preview, monitor=monitor)
        pulumi.runtime.set_all_config(dict(config or {}), list(secret_keys))
        loop.run_until_complete(_drive(program, recording))
    finally:
        # What a failed program left behind must not run inside the next test.
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
        asyncio.set_event_loop(None)
    return recording


async def _drive(program: Callable[[], Any], recording: Recording) -> None:
    returned: list[Any] = []

    async def body() -> None:
        returned.append(program())

    await run_pulumi_func(body)
    result = returned[0]
    if isinstance(result, dict):
        recording.result = {key: await _resolved(value) for key, value in result.items()}
    else:
        recording.result = await _resolved(result)


async def _resolved(value: Any) -> Any:
    output = pulumi.Output.from_input(value)
    return await output.future() if await output.is_known() else UNKNOWN


class _Cloud(Mocks):
    def __init__(
        self,
        recording: Recording,
        answers: Mapping[str, Any],
        live: Mapping[str, Mapping[str, Any]],
        *,
        preview: bool,
    ) -> None:
        self.recording, self.answers, self.live, self.preview = recording, answers, live, preview

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        self.recording.calls.append(args)
        return dict(self.answers.get(args.token.rsplit(":", 1)[-1].rsplit("/", 1)[-1], {})), []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.resource_id:
            return args.resource_id, dict(self.live.get(args.resource_id, {}))
        if self.preview:
            return None, dict(args.inputs)
        compute = COMPUTED.get(args.typ)
        computed = compute(args.name, args.inputs) if compute else {}
        return (f"{args.name}-id" if args.custom else None), {**args.inputs, **computed}


class _Monitor(MockMonitor):
    def __init__(self, mocks: _Cloud, recording: Recording) -> None:
        super().__init__(mocks)
        self.recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 -- the engine's own spelling
        if request.type != "pulumi:pulumi:Stack":
            self._record(request, read_id=None, inputs=request.object, custom=bool(request.custom))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK's mocks are untyped

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 -- the engine's own spelling
        self._record(request, read_id=request.id, inputs=request.properties, custom=True)
        response = super().ReadResource(request)  # type: ignore[no-untyped-call]  # the SDK's mocks are untyped
        # As the engine does; the SDK's mocks leave it out, which in a preview means "unknown".
        response.id = request.id
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 -- the engine's own spelling
        self.recording.outputs[request.urn] = _plain(MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # the SDK's mocks are untyped

    def _record(self, request: Any, *, read_id: str | None, inputs: Any, custom: bool) -> None:
        assert re.fullmatch(_NAME, request.name), f"not a logical name: {request.name!r}"
        urn = self.make_urn(request.parent, request.type, request.name)
        assert urn not in {each.urn for each in self.recording.resources}, f"registered twice: {urn}"
        properties = getattr(request, "propertyDependencies", {}).values()
        shown = {each for dependencies in properties for each in dependencies.urns}
        self.recording.resources.append(
            Registered(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=request.parent.rsplit("::", 1)[-1],
                inputs=_plain(MessageToDict(inputs)),
                custom=custom,
                read_id=read_id,
                protect=bool(getattr(request, "protect", False)),
                retain_on_delete=bool(getattr(request, "retainOnDelete", False)),
                ignore_changes=tuple(getattr(request, "ignoreChanges", ())),
                dependencies=tuple(sorted(each.rsplit("::", 1)[-1] for each in request.dependencies)),
                depends_on=tuple(sorted(each.rsplit("::", 1)[-1] for each in set(request.dependencies) - shown)),
                deleted_with=getattr(request, "deletedWith", "").rsplit("::", 1)[-1],
                provider=request.provider.rsplit("::", 2)[-2] if request.provider else "",
                secret_outputs=tuple(request.additionalSecretOutputs),
            )
        )


def _plain(value: Any) -> Any:
    """Wire values as a reader writes them: whole numbers as int, secrets as ``Secret``."""
    if isinstance(value, dict):
        if _SECRET_SIGNATURE in value:
            return Secret(_plain(value.get("value")))
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value == _UNKNOWN_SIGNATURE:
        return UNKNOWN
    return int(value) if isinstance(value, float) and value.is_integer() else value
